// The ipsec command: which word does what, with which exit code. ipsec(8).
using Cygnet.Command.Commands;

namespace Cygnet.Command;

/// <summary>The dispatcher. A control command succeeds whenever the daemon answered; what it answered is in the text.</summary>
static class Ipsec
{
    /// <summary>Commands that the daemon answers, whatever follows them.</summary>
    static readonly HashSet<string> _asked = ["leases", "resetcounters", "rereadsecrets", "rereadall", .. Lists.Words, .. Reread.Words, .. Purge.Words];

    /// <summary>Programs of ours that are not run by name.</summary>
    static readonly HashSet<string> _ownPrograms = ["charon", "ipsec", "starter"];

    const string Copyright = """
        Copyright (C) 2026 the Cygnet contributors
        Licensed under the Apache License, Version 2.0; you may not use this program except in compliance with it.
        It is distributed on an "AS IS" basis, without warranties or conditions of any kind, either express or implied.
        See <https://www.apache.org/licenses/LICENSE-2.0> for the permissions and limitations of the licence.

        """;

    const string Help = """
        ipsec command [arguments]

        Commands:
        	start|restart [arguments]
        	update|reload|stop
        	up|down|route|unroute <connectionname>
        	down-srcip <start> [<end>]
        	status|statusall [<connectionname>]
        	why [--json] [<connectionname>]
        	checkconf [--json] [<file>]
        	listalgs|listpubkeys|listcerts [--utc]
        	listcacerts|listaacerts|listocspcerts [--utc]
        	listacerts|listgroups|listcainfos [--utc]
        	listcrls|listocsp|listplugins|listall [--utc]
        	listcounters|resetcounters [name]
        	leases [<poolname> [<address>]]
        	rereadsecrets|rereadcacerts|rereadaacerts
        	rereadocspcerts|rereadacerts|rereadcrls|rereadall
        	purgecerts|purgecrls|purgeike|purgeocsp
        	pki
        	stroke
        	version

        Refer to the ipsec(8) man page for details.
        Some commands have their own man pages, e.g. pki(1).

        """;

    public static int Run(Surroundings world, string argument0, IReadOnlyList<string> args)
    {
        try
        {
            return Dispatch(world, argument0, args);
        }
        catch (ViciFailure e)
        {
            world.Error.Write($"{e.Message}\n");
            return ExitCode.NoAnswer;
        }
    }

    static int Dispatch(Surroundings world, string argument0, IReadOnlyList<string> args)
    {
        var paths = world.Paths;
        switch (args.Count == 0 ? "" : args[0])
        {
            case "":
                return Say("ipsec command [arguments]\n\nUse --help for a list of commands, or refer to the ipsec(8) man page.\n"
                    + "See the README.md of Cygnet for more general information.\n");
            case "--help":
                return Say(Help);
            case "--version" or "version":
                return Say($"Linux {Product.Name} {Product.VersionCode}\nIKEv2 and IPsec for Linux, under the Apache License 2.0\n");
            case "--versioncode":
                return Say($"{Product.VersionCode}\n");
            case "--copyright" or "copyright":
                return Say(Copyright);
            case "--directory":
                return Say($"{paths.LibexecDir}\n");
            case "--confdir":
                return Say($"{paths.ConfDir}\n");
            case "--piddir":
                return Say($"{paths.Printed(paths.PidDir)}\n");
            case "start":
                return Starting.Start(world, [.. args.Skip(1)]);
            case "stop":
                return Starting.Stop(world);
            case "restart":
                return Starting.Restart(world, [.. args.Skip(1)]);
            case "update":
                return Starting.Update(world);
            case "reload":
                return Starting.Reload(world);
            case "status" or "statusall":
                return Status.Run(world, args);
            case "checkconf":
                return CheckConf.Run(world, [.. args.Skip(1)]);
            case "why":
                return Why.Run(world, [.. args.Skip(1)]);
            case "up" or "down" or "route" or "unroute":
                if (args.Count == 2) return Ask(world, args);
                world.Out.Write($"Usage: ipsec {args[0]} <connection name>\n");
                return ExitCode.Usage;
            case "down-srcip":
                if (args.Count > 1) return Ask(world, args);
                world.Out.Write("Usage: ipsec down-srcip <start> [<end>]\n");
                return ExitCode.Usage;
            case "secrets":
                return Ask(world, ["rereadsecrets"]);
            case "stroke":
                return Stroke.Run(world, [.. args.Skip(1)]);
            case var word when _asked.Contains(word):
                return Ask(world, args);
            case var option when option.StartsWith("--", StringComparison.Ordinal):
                world.Error.Write($"{argument0}: unknown option `{option}' (perhaps command name was omitted?)\n");
                return ExitCode.Usage;
            case var word when word.Contains('/') || _ownPrograms.Contains(word):
                return Unknown(world, argument0, word);
            case var program:
                return Programs.Run(world, argument0, program, [.. args.Skip(1)]);
        }

        int Say(string text)
        {
            world.Out.Write(text);
            return ExitCode.Success;
        }
    }

    internal static int Unknown(Surroundings world, string argument0, string word)
    {
        world.Error.Write($"{argument0}: unknown command `{word}' (`ipsec --help' for list)\n");
        return ExitCode.Usage;
    }

    /// <summary>What needs the daemon, and succeeds if it answers.</summary>
    static int Ask(Surroundings world, IReadOnlyList<string> args) => world.HasDaemon ? Stroke.Run(world, args) : ExitCode.NotRunning;
}
