// The charon section of strongswan.conf as the daemon reads it.
using Cygnet.Config;
using Cygnet.Ike;
using Cygnet.Linux;
using Cygnet.Linux.Fetch;
using Cygnet.Radius;

namespace Cygnet.Charon;

/// <summary>Immutable. Paths are below <c>charon</c>, their parts separated by dots.</summary>
sealed class DaemonConf(StrongswanSettings settings)
{
    const string Section = "charon";

    /// <summary>Reads strongswan.conf; a missing file is an empty one. Null, and why, if it is broken, or is there and may not be read.</summary>
    public static DaemonConf? TryRead(string path, out string problem)
    {
        var files = new ReadFiles();
        var settings = StrongswanSettings.Parse(path, files);
        if (files.Refused is { } refused)
        {
            // Without it the daemon would run by settings that nobody wants, and nobody would know.
            problem = $"'{refused}' may not be read by user '{Environment.UserName}', as whom charon runs ('charon.user'): let the file's group be one of his, and read it";
            return null;
        }
        problem = string.Join('\n', settings.Errors.Select(e => e.ToString()));
        return settings.IsFatal ? null : new(settings.WithDefaults(Section));
    }

    public string? Text(string path) => settings.Text($"{Section}.{path}") is { Length: > 0 } value ? value : null;

    public IReadOnlyList<string> Sections(string path) => settings.Sections($"{Section}.{path}");

    public bool Boolean(string path, bool otherwise = false) => settings.Boolean($"{Section}.{path}", otherwise);

    public long Number(string path, long otherwise) => settings.Number($"{Section}.{path}", otherwise);

    /// <summary>A firewall mark, or null if none is set; one that cannot be read is complained of.</summary>
    public PacketMark? Mark(string path, Logging.Log log)
    {
        if (Text(path) is not { } text) return null;
        if (PacketMark.Parse(text) is { } mark) return mark;
        log.Write(LogGroup.Knl, 1, $"invalid firewall mark '{text}' in {Section}.{path}, ignored");
        return null;
    }

    /// <summary>
    /// A line for each setting of the file that nothing has read until now: misspelt, or of a plugin or mechanism that is none here. Not for
    /// <c>load</c>: modules are not loaded by name, and every file of the reference's packages has it. Nor for what
    /// <c>starter</c> and <c>ipsec</c> read.
    /// </summary>
    public IEnumerable<string> WithoutEffect() => settings.Unasked(Section)
        .Where(s => !StrokeSettings.Names.Contains(s.Path[(s.Path.IndexOf('.') + 1)..]) && !s.Path.EndsWith(".load", StringComparison.Ordinal) && s.Path != $"{Section}.load_modular")
        .Select(s => $"{s.At}: '{s.Path}' has no effect");

    /// <summary>Commands that run when the daemon has started, and before it ends, by their names.</summary>
    public IReadOnlyDictionary<string, string> StartScripts { get; } = settings.Values($"{Section}.start-scripts");
    public IReadOnlyDictionary<string, string> StopScripts { get; } = settings.Values($"{Section}.stop-scripts");

    /// <summary>Whether clients may change the levels of the log.</summary>
    public bool MayChangeLogLevels { get; } = !settings.Boolean($"{Section}.plugins.stroke.prevent_loglevel_changes");

    /// <summary>Whether CRLs that were fetched are kept in ipsec.d/crls.</summary>
    public bool CachesCrls { get; } = settings.Boolean($"{Section}.cache_crls");

    /// <summary>The settings of the protocol core.</summary>
    public Settings ToSettings() => CharonSettings.Read(settings, Section);

    /// <summary>How certificates are checked online; a time-out of 0 would be none.</summary>
    public FetchSettings ToFetch() => new(TimeSpan.FromSeconds(Math.Clamp(settings.Time($"{Section}.plugins.revocation.timeout", TimeSpan.FromSeconds(10)).TotalSeconds, 1, 3600)),
        new(Boolean("plugins.revocation.enable_ocsp", true), Boolean("plugins.revocation.enable_crl", true)));

    public RadiusSettings ToRadius() => RadiusSettings.Read(settings, Section);

    /// <summary>Remembers a file that is there and that this process may not read.</summary>
    sealed class ReadFiles : IFileSource
    {
        readonly HostFiles _files = new();

        public string? Refused { get; private set; }

        public byte[]? ReadAllBytes(string path)
        {
            var content = _files.ReadAllBytes(path);
            if (content is null && IsRefused(path)) Refused ??= path;
            return content;
        }

        static bool IsRefused(string path)
        {
            try
            {
                if (File.Exists(path)) File.OpenHandle(path).Dispose();
                return false;
            }
            catch (UnauthorizedAccessException) { return true; }
            catch (IOException) { return false; }
        }

        public IReadOnlyList<string> Glob(string pattern) => _files.Glob(pattern);
    }
}
