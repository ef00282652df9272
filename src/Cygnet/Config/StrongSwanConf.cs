// ipsec.conf in strongSwan's dialect: from text to sections. ipsec.conf(5).
namespace Cygnet.Config;

/// <summary>Reads ipsec.conf and what it includes. A syntax error rejects the whole file.</summary>
public sealed class StrongSwanConf
{
    // The reference sets no limits; ours only keep a file that includes itself over and over from running away.
    const int MaxDepth = 32, MaxFiles = 4096;

    readonly IFileSource _files;
    readonly Dictionary<(ConfSectionType, string), ConfSection> _byName = [];
    readonly List<ConfSection> _sections = [];
    readonly List<ConfigError> _errors = [];
    readonly Stack<string> _open = new();
    ConfSection? _current;
    int _read, _anonymous;

    readonly bool _isWhole;

    StrongSwanConf(IFileSource files, bool isWhole) => (_files, _isWhole) = (files, isWhole);

    /// <summary>
    /// Never throws on what a file holds; see <see cref="ConfDocument.Errors"/>. <paramref name="isWhole"/>: goes on behind a syntax error, in the next
    /// line, to find the other mistakes too; what comes out is then for <see cref="ConfCheck.OfWhole"/> alone.
    /// </summary>
    public static ConfDocument Parse(string path, IFileSource files, bool isWhole = false)
    {
        var parser = new StrongSwanConf(files, isWhole);
        if (files.ReadAllText(path) is not { } text)
        {
            var none = files.Glob(path).Count == 0 ? $"no files found matching '{path}'\n" : "";
            parser._errors.Add(new($"{none}failed to open config file '{path}'") { IsFatal = true });
        }
        else if (!parser.ReadFile(path, text))
        {
            parser._errors.Add(new($"invalid config file '{path}'") { IsFatal = true, IsSummary = true });
        }
        else
        {
            parser.CheckReferences();
        }
        return new(path, parser._sections, parser._errors);
    }

    bool ReadFile(string path, string text)
    {
        _open.Push(path);
        _read++;
        var scanner = new ConfScanner(path, text);
        var ok = true;
        var token = scanner.Next();
        while (ok && token != ConfToken.EndOfFile)
        {
            var isHeader = token is ConfToken.Setup or ConfToken.Conn or ConfToken.Ca;
            ok = token switch
            {
                ConfToken.NewLine => Advance(scanner, ref token),
                ConfToken.Spaces => Indented(scanner, ref token),
                ConfToken.Setup or ConfToken.Conn or ConfToken.Ca => Section(scanner, ref token),
                ConfToken.Include => Include(scanner, ref token),
                _ => Unexpected(scanner, token, "'config setup', 'conn', 'ca' or 'include' in the first column; a setting must be indented"),
            };
            if (ok || !_isWhole) continue;
            // what follows a header that is none belongs to no section that there is
            if (isHeader) _current = new(ConfSectionType.Conn, "", scanner.Start);
            while (token is not (ConfToken.NewLine or ConfToken.EndOfFile or ConfToken.UnterminatedString)) token = scanner.Next();
            ok = token != ConfToken.UnterminatedString;
        }
        _open.Pop();
        return ok;
    }

    static bool Advance(ConfScanner scanner, ref ConfToken token)
    {
        token = scanner.Next();
        return true;
    }

    bool Indented(ConfScanner scanner, ref ConfToken token)
    {
        token = scanner.Next();
        return token switch
        {
            ConfToken.Word => Setting(scanner, ref token),
            ConfToken.NewLine or ConfToken.EndOfFile => true,
            ConfToken.Include => Include(scanner, ref token),
            _ => Unexpected(scanner, token, "a keyword"),
        };
    }

    bool Setting(ConfScanner scanner, ref ConfToken token)
    {
        var (key, at) = (scanner.Value, scanner.Start);
        token = scanner.Next();
        if (token == ConfToken.UnterminatedString) return Unexpected(scanner, token, "'='");
        if (token != ConfToken.Equals)
        {
            var place = token == ConfToken.EndOfFile ? "" : $"{scanner.File}:{scanner.Line}: ";
            _errors.Add(new($"{place}missing value for setting '{key}'", at, ConfigError.Expected(key, "'=' and a value after it", Misread(key))) { IsFatal = true });
            return false;
        }
        token = scanner.Next();
        var valueAt = scanner.Start;
        var value = new List<string>();
        while (token == ConfToken.Word)
        {
            value.Add(scanner.Value);
            token = scanner.Next();
        }
        if (token is not (ConfToken.NewLine or ConfToken.EndOfFile)) return Unexpected(scanner, token, $"the end of the value of '{key}'; a value that holds '=' stands in quotes");
        var setting = new ConfSetting(key, value.Count == 0 ? null : string.Join(' ', value), at, valueAt);
        if (_current is null) _errors.Add(new("", at, $"'{key}': stands in front of the first section, ignored") { IsWarning = true });
        else _current.Set(setting);
        return true;
    }

    // "conn x" that was indented is read as a setting; say so rather than name a keyword.
    static string? Misread(string key) => key is "conn" or "ca" or "config" ? $"{key}' in the first column, as '{key} …" : Nearest.To(key, Keywords.Names);

    bool Section(ConfScanner scanner, ref ConfToken token)
    {
        var type = token switch { ConfToken.Setup => ConfSectionType.Setup, ConfToken.Ca => ConfSectionType.Ca, _ => ConfSectionType.Conn };
        var at = scanner.Start;
        token = scanner.Next();
        var name = "";
        int? line = null;
        if (token == ConfToken.Word)
        {
            name = scanner.Value;
            // empty quotes: the line is still theirs
            if (name.Length == 0) line = at.Line;
            token = scanner.Next();
        }
        if (type == ConfSectionType.Setup)
        {
            name = "";
        }
        else if (name.Length == 0 && token != ConfToken.UnterminatedString)
        {
            var word = type == ConfSectionType.Ca ? "ca" : "conn";
            // At the end of the file the reference has no place to name.
            var place = token == ConfToken.EndOfFile && line is null ? "" : $"{scanner.File}:{line ?? scanner.Line}: ";
            _errors.Add(new($"{place}section name missing", at, ConfigError.Expected(word, $"a name, as in '{word} office'")) { IsFatal = true });
            return false;
        }
        if (token is not (ConfToken.NewLine or ConfToken.EndOfFile)) return Unexpected(scanner, token, "one name and the end of the line; a name that holds blanks stands in quotes");
        if (type == ConfSectionType.Conn && name == "%auto") name = $"conn_{++_anonymous}";
        if (!_byName.TryGetValue((type, name), out _current))
        {
            _current = new(type, name, at);
            _byName.Add((type, name), _current);
            _sections.Add(_current);
        }
        return true;
    }

    bool Include(ConfScanner scanner, ref ConfToken token)
    {
        var (pattern, at) = (scanner.Value, scanner.Start);
        if (pattern.Length == 0)
            _errors.Add(new($"{scanner.File}:{scanner.Line}: no include pattern specified, ignored", at, ConfigError.Expected("include", "a file name or pattern")) { IsWarning = true });
        else if (!IncludeAll(ConfigPath.Beside(scanner.File, pattern), at)) return false;
        token = scanner.Next();
        return token is ConfToken.NewLine or ConfToken.EndOfFile || Unexpected(scanner, token, "the end of the line; each 'include' takes one pattern");
    }

    bool IncludeAll(string pattern, Position at)
    {
        var paths = _files.Glob(pattern);
        if (paths.Count == 0) _errors.Add(new($"no files found matching '{pattern}'") { IsWarning = true });
        foreach (var path in paths)
        {
            if (_open.Contains(path) || _open.Count >= MaxDepth || _read >= MaxFiles)
            {
                _errors.Add(new("", at, $"'{path}': includes itself or too much, ignored") { IsWarning = true });
                continue;
            }
            if (_files.ReadAllText(path) is { } text && !ReadFile(path, text)) return false;
        }
        return true;
    }

    bool Unexpected(ConfScanner scanner, ConfToken token, string expected)
    {
        var name = token switch
        {
            ConfToken.Equals => "EQ", ConfToken.Word or ConfToken.Include => "STRING", ConfToken.UnterminatedString => "STRING_ERROR",
            ConfToken.Setup => "CONFIG_SETUP", ConfToken.Conn => "CONN", ConfToken.Ca => "CA", ConfToken.Spaces => "SPACES", _ => "NEWLINE",
        };
        var line = $"{scanner.File}:{scanner.Line}: ";
        var word = token == ConfToken.Equals ? "=" : scanner.Value;
        var reference = token == ConfToken.UnterminatedString
            ? $"{line}unterminated string detected\n{line}syntax error, unexpected {name}"
            : $"{line}syntax error, unexpected {name}";
        var detail = token == ConfToken.UnterminatedString
            ? "'\"': expected a closing '\"' before the end of the file"
            : ConfigError.Expected(word, expected, Nearest.To(word, ["conn", "ca", "config", "include"]));
        _errors.Add(new(reference, scanner.Start, detail) { IsFatal = true });
        return false;
    }

    // "also" that names nothing, or comes back to where it started, rejects the file.
    void CheckReferences()
    {
        foreach (var section in _sections)
            foreach (var also in section.Also)
            {
                if (IsIgnored(also.Value) || _byName.ContainsKey((section.Type, also.Value!))) continue;
                var names = _sections.Where(s => s.Type == section.Type).Select(s => s.Name);
                _errors.Add(new($"section '{also.Value}' referenced in section '{section.Name}' not found", also.ValueAt,
                    ConfigError.Expected(also.Value!, $"the name of a '{(section.Type == ConfSectionType.Ca ? "ca" : "conn")}' section", Nearest.To(also.Value!, names))) { IsFatal = true });
                if (!_isWhole) return;
            }
        var done = new HashSet<ConfSection>();
        foreach (var section in _sections)
            if (!Walk(section, [], done) && !_isWhole) return;
    }

    bool Walk(ConfSection from, HashSet<ConfSection> path, HashSet<ConfSection> done)
    {
        // An own stack: chains of also may be as long as the file.
        var stack = new Stack<(ConfSection Section, int Next)>();
        stack.Push((from, 0));
        path.Add(from);
        while (stack.TryPop(out var top))
        {
            if (done.Contains(top.Section) || top.Next >= top.Section.Also.Count)
            {
                done.Add(top.Section);
                path.Remove(top.Section);
                continue;
            }
            stack.Push((top.Section, top.Next + 1));
            var also = top.Section.Also[top.Next];
            if (IsIgnored(also.Value)) continue;
            if (!_byName.TryGetValue((from.Type, also.Value!), out var target)) continue;
            if (path.Contains(target))
            {
                _errors.Add(new($"section '{target.Name}' referenced in section '{top.Section.Name}' causes a loop", also.ValueAt,
                    $"'{also.Value}': leads back to the section that it stands in") { IsFatal = true });
                done.UnionWith(path); // a circle is one mistake
                return false;
            }
            if (done.Contains(target)) continue;
            path.Add(target);
            stack.Push((target, 0));
        }
        return true;
    }

    internal static bool IsIgnored(string? also) => also is null or "" or "%default";
}
