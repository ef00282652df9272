// charon's options: --help --version --use-syslog --debug-<group> <level>.
using System.Globalization;
using Cygnet.Charon.Logging;

namespace Cygnet.Charon;

/// <summary>What the command line asks for; <see cref="Error"/> is a sentence if it cannot be understood.</summary>
sealed record CommandLine
{
    public bool Help { get; init; }
    public bool Version { get; init; }
    public bool UseSyslog { get; init; }

    /// <summary>Only to undo what a daemon left that crashed.</summary>
    public bool Clean { get; init; }

    /// <summary>Levels of the default loggers; strongswan.conf's own loggers replace these.</summary>
    public LogLevels Levels { get; init; } = new(1);

    public string? Error { get; init; }

    public const string Usage = """
        Usage: charon [--help] [--version] [--use-syslog] [--clean]
                      [--debug-<group> <level>]
          <group> is one of: dmn mgr ike chd job cfg knl net asn enc tnc imc imv pts tls app esp lib any
          <level> is one of: -1 (silent) 0 (audit) 1 (control) 2 (control, more) 3 (raw) 4 (private)
        """;

    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        const string debug = "--debug-";
        var line = new CommandLine();
        for (var i = 0; i < args.Count; i++)
        {
            switch (args[i])
            {
                case "--help" or "-h": return line with { Help = true };
                case "--version" or "-v": return line with { Version = true };
                case "--clean": line = line with { Clean = true }; break;
                case "--use-syslog" or "-l": line = line with { UseSyslog = true }; break;
                case var option when option.StartsWith(debug, StringComparison.Ordinal):
                    // The level may stand behind an equals sign, too.
                    var (word, value) = option.IndexOf('=') is > 0 and var at
                        ? (option[debug.Length..at], option[(at + 1)..])
                        : (option[debug.Length..], i + 1 < args.Count ? args[++i] : "");
                    // wch is a group of later releases.
                    if (word == "wch") break;
                    if (!LogLevels.TryGroup(word, out var group)) return line with { Error = $"unknown log group '{word}' in {option}" };
                    if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var level) || level is < -1 or > 4)
                        return line with { Error = $"{debug}{word} wants a level from -1 to 4, not '{value}'" };
                    line = line with { Levels = line.Levels.With(group, level) };
                    break;
                default: return line with { Error = $"unknown option '{args[i]}'" };
            }
        }
        return line;
    }
}
