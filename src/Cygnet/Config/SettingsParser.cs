// The grammar of strongswan.conf. swanctl.conf(5).
using System.Text;

namespace Cygnet.Config;

sealed class SettingsParser
{
    const int MaxDepth = 32, MaxFiles = 4096;

    readonly IFileSource _files;
    readonly List<ConfigError> _errors = [];
    readonly Stack<string> _open = new();
    int _read;

    SettingsParser(IFileSource files) => _files = files;

    public static StrongswanSettings Parse(string path, IFileSource files)
    {
        var parser = new SettingsParser(files);
        var root = new SettingsSection("", new(path, 1, 1));
        if (files.ReadAllText(path) is { } text && !parser.ReadFile(path, text, root)) parser._errors.Add(new($"invalid config file '{path}'") { IsFatal = true });
        return new(root, parser._errors);
    }

    bool ReadFile(string path, string text, SettingsSection into)
    {
        _open.Push(path);
        _read++;
        var ok = ReadAll(new(path, text), into);
        _open.Pop();
        return ok;
    }

    bool ReadAll(Scanner s, SettingsSection root)
    {
        var open = new Stack<SettingsSection>();
        var section = root;
        while (true)
        {
            s.SkipBlank(lines: true);
            var at = s.Place;
            if (s.IsAtEnd)
                return open.Count == 0 || Fail(at, "syntax error, unexpected $end", $"the '}}' that closes section '{section.Name}', opened at {section.At}", "end of file");
            if (s.Takes('}'))
            {
                if (!open.TryPop(out var outer)) return Fail(at, "syntax error, unexpected }", "a key or a section; there is none open that this could close", "}");
                section = outer;
                continue;
            }
            var name = s.Name();
            if (name.Length == 0) return Fail(at, $"syntax error, unexpected {s.Peek}", "the name of a key or section", s.Peek.ToString());
            s.SkipBlank(lines: false);
            if (name == "include" && !s.IsAtEnd && s.Peek is not ('=' or '{' or ':'))
            {
                if (!Include(s, section, at)) return false;
                continue;
            }
            if (s.Takes('='))
            {
                if (!s.TryValue(out var value)) return Fail(s.Place, "syntax error, unterminated string", "a closing '\"' before the end of the file", "\"");
                section.Values[name] = new(value, at);
                continue;
            }
            var references = new List<string>();
            s.SkipBlank(lines: true);
            if (s.Takes(':'))
            {
                do
                {
                    s.SkipBlank(lines: true);
                    var reference = s.Name(dots: true);
                    if (reference.Length == 0) return Fail(s.Place, "syntax error, unexpected reference", "the path of a section", s.IsAtEnd ? "end of file" : s.Peek.ToString());
                    references.Add(reference);
                    s.SkipBlank(lines: true);
                }
                while (s.Takes(','));
            }
            if (!s.Takes('{')) return Fail(s.Place, "syntax error, unexpected NAME", $"'=' or '{{' after '{name}'", s.IsAtEnd ? "end of file" : s.Peek.ToString());
            // A section that is a path would be reached by nobody: it is how logger sections were written in old files.
            if (name.Contains('/')) return Fail(at, "syntax error, unexpected NAME", "a name without '/'; a logger takes its file from 'path = …'", name);
            if (open.Count >= MaxDepth) return Fail(at, "syntax error, too many nested sections", $"at most {MaxDepth} sections inside one another", name);
            open.Push(section);
            section = section.Enter(name, at);
            section.References.AddRange(references);
        }
    }

    bool Include(Scanner s, SettingsSection into, Position at)
    {
        if (!s.TryPattern(out var pattern)) return Fail(s.Place, "syntax error, unterminated string", "a closing '\"' on the same line", "\"");
        foreach (var path in _files.Glob(ConfigPath.Beside(at.File, pattern)))
        {
            if (_open.Contains(path) || _open.Count >= MaxDepth || _read >= MaxFiles)
            {
                _errors.Add(new("", at, $"'{path}': includes itself or too much, ignored") { IsWarning = true });
                continue;
            }
            if (_files.ReadAllText(path) is { } text && !ReadFile(path, text, into)) return false;
        }
        return true;
    }

    bool Fail(Position at, string reference, string expected, string word)
    {
        _errors.Add(new($"{at.File}:{at.Line}: {reference}", at, ConfigError.Expected(word, expected)) { IsFatal = true });
        return false;
    }

    sealed class Scanner(string file, string text)
    {
        int _at, _line = 1, _lineStart;

        public Position Place => new(file, _line, _at - _lineStart + 1);

        public bool IsAtEnd => _at >= text.Length;

        public char Peek => _at < text.Length ? text[_at] : ' ';

        public bool Takes(char c)
        {
            if (IsAtEnd || text[_at] != c) return false;
            _at++;
            return true;
        }

        public void SkipBlank(bool lines)
        {
            while (!IsAtEnd)
            {
                if (text[_at] == '\n')
                {
                    if (!lines) return;
                    NewLine();
                }
                else if (char.IsWhiteSpace(text[_at])) _at++;
                else if (text[_at] == '#') SkipComment();
                else return;
            }
        }

        public string Name(bool dots = false)
        {
            var from = _at;
            while (!IsAtEnd && !char.IsWhiteSpace(text[_at]) && text[_at] is not (',' or ':' or '{' or '}' or '=' or '"' or '#') && (dots || text[_at] != '.')) _at++;
            return text[from.._at];
        }

        /// <summary>Up to the end of the line, a comment or a brace; blanks count once; quoted parts stay as they are.</summary>
        public bool TryValue(out string? value)
        {
            value = null;
            var parts = new StringBuilder();
            var isSet = false;
            while (true)
            {
                var from = _at;
                while (!IsAtEnd && text[_at] != '\n' && char.IsWhiteSpace(text[_at])) _at++;
                if (IsAtEnd || text[_at] is '\n' or '#' or '}') break;
                if (isSet && _at > from) parts.Append(' ');
                isSet = true;
                if (text[_at] == '"')
                {
                    if (!TryQuoted(parts)) return false;
                    continue;
                }
                while (!IsAtEnd && !char.IsWhiteSpace(text[_at]) && text[_at] is not ('#' or '}' or '"')) parts.Append(text[_at++]);
            }
            value = isSet ? parts.ToString() : null;
            return true;
        }

        public bool TryPattern(out string pattern)
        {
            var parts = new StringBuilder();
            if (Peek == '"')
            {
                var ok = TryQuoted(parts);
                pattern = parts.ToString();
                return ok;
            }
            while (!IsAtEnd && !char.IsWhiteSpace(text[_at]) && text[_at] != '#')
            {
                if (text[_at] == '\\' && _at + 1 < text.Length && text[_at + 1] != '\n') _at++;
                parts.Append(text[_at++]);
            }
            pattern = parts.ToString();
            return true;
        }

        bool TryQuoted(StringBuilder into)
        {
            _at++;
            while (!IsAtEnd)
            {
                var c = text[_at];
                if (c == '"')
                {
                    _at++;
                    return true;
                }
                if (c == '\n')
                {
                    into.Append(c);
                    NewLine();
                    continue;
                }
                _at++;
                if (c != '\\' || IsAtEnd)
                {
                    into.Append(c);
                    continue;
                }
                c = text[_at];
                if (c == '\n')
                {
                    NewLine();
                    continue;
                }
                into.Append(c switch { 'n' => '\n', 'r' => '\r', 't' => '\t', _ => c });
                _at++;
            }
            return false;
        }

        void NewLine()
        {
            _at++;
            _line++;
            _lineStart = _at;
        }

        void SkipComment()
        {
            while (!IsAtEnd && text[_at] != '\n') _at++;
        }
    }
}
