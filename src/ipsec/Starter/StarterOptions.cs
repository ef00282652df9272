// The starter's options. ipsec(8).
using System.Globalization;

namespace Cygnet.Command.Starter;

/// <summary>What the command line asks for.</summary>
sealed record StarterOptions
{
    public const string Usage = """
        Usage: starter [--nofork] [--auto-update <sec>]
                       [--debug|--debug-more|--debug-all|--nolog]
                       [--attach-gdb] [--daemon <name>]
                       [--conf <path to ipsec.conf>]

        """;

    /// <summary>Internal: this is the process that stays, everything is checked.</summary>
    public const string Detached = "--detached";

    public bool NoFork { get; init; }
    public bool AttachGdb { get; init; }
    public bool ConfTest { get; init; }
    public bool IsDetached { get; init; }

    /// <summary>0: never.</summary>
    public int AutoUpdateSeconds { get; init; }

    public int LogLevel { get; init; } = 1;

    /// <summary>Null: as strongswan.conf or the default says.</summary>
    public string? Conf { get; init; }

    public string Daemon { get; init; } = "charon";

    /// <summary>Null if an option is unknown, or its value is missing or senseless.</summary>
    public static StarterOptions? Parse(IReadOnlyList<string> args)
    {
        var options = new StarterOptions();
        for (var i = 0; i < args.Count; i++)
        {
            var value = i + 1 < args.Count ? args[i + 1] : null;
            switch (args[i])
            {
                case "--nofork": options = options with { NoFork = true }; break;
                case "--attach-gdb": options = options with { NoFork = true, AttachGdb = true }; break;
                case "--conftest": options = options with { ConfTest = true }; break;
                case Detached: options = options with { IsDetached = true }; break;
                case "--nolog": options = options with { LogLevel = 0 }; break;
                case "--debug": options = options with { LogLevel = 2 }; break;
                case "--debug-more": options = options with { LogLevel = 3 }; break;
                case "--debug-all": options = options with { LogLevel = 4 }; break;
                case "--auto-update" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0:
                    options = options with { AutoUpdateSeconds = seconds };
                    i++;
                    break;
                case "--conf" when value is not null:
                    options = options with { Conf = value };
                    i++;
                    break;
                case "--daemon" when value is not null && !value.Contains('/'):
                    options = options with { Daemon = value };
                    i++;
                    break;
                default: return null;
            }
        }
        return options;
    }
}
