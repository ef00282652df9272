// The ipsec command: which word does what, with which exit code. ipsec(8).
using Cygnet.Command.Commands;

namespace Cygnet.Command;

/// <summary>The dispatcher. A control command succeeds whenever the daemon answered; what it answered is in the text.</summary>
static class Ipsec
{
    static readonly Dictionary<string, Func<Surroundings, IReadOnlyList<string>, int>> s_commands = Table();

    /// <summary>Every command but the programs that are run by name.</summary>
    public static IReadOnlyCollection<string> Words => s_commands.Keys;

    /// <summary>Programs of ours that are not run by name.</summary>
    static readonly HashSet<string> _ownPrograms = ["charon", "ipsec", "starter"];

    const string Json = "--json";

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
        if (args.Count == 0 || args[0].Length == 0)
            return Say(world, "ipsec command [arguments]\n\nUse --help for a list of commands, or refer to the ipsec(8) man page.\nSee the README.md of Cygnet for more general information.\n");
        var word = args[0];
        if (s_commands.TryGetValue(word, out var command)) return command(world, args);
        if (word.StartsWith("--", StringComparison.Ordinal))
        {
            world.Error.Write($"{argument0}: unknown option `{word}' (perhaps command name was omitted?)\n");
            return ExitCode.Usage;
        }
        return word.Contains('/') || _ownPrograms.Contains(word) ? Unknown(world, argument0, word) : Programs.Run(world, argument0, word, [.. args.Skip(1)]);
    }

    static Dictionary<string, Func<Surroundings, IReadOnlyList<string>, int>> Table()
    {
        var all = new Dictionary<string, Func<Surroundings, IReadOnlyList<string>, int>>
        {
            ["--help"] = (world, _) => Say(world, Help),
            ["--version"] = Version,
            ["version"] = Version,
            ["--versioncode"] = (world, _) => Say(world, $"{Product.VersionCode}\n"),
            ["--copyright"] = (world, _) => Say(world, Copyright),
            ["copyright"] = (world, _) => Say(world, Copyright),
            ["--directory"] = (world, _) => Say(world, $"{world.Paths.LibexecDir}\n"),
            ["--confdir"] = (world, _) => Say(world, $"{world.Paths.ConfDir}\n"),
            ["--piddir"] = (world, _) => Say(world, $"{world.Paths.Printed(world.Paths.PidDir)}\n"),
            ["start"] = (world, args) => Starting.Start(world, [.. args.Skip(1)]),
            ["stop"] = (world, _) => Starting.Stop(world),
            ["restart"] = (world, args) => Starting.Restart(world, [.. args.Skip(1)]),
            ["update"] = (world, _) => Starting.Update(world),
            ["reload"] = (world, _) => Starting.Reload(world),
            ["status"] = (world, args) => Status.Run(world, First(args, 1)),
            ["statusall"] = (world, args) => Status.Run(world, First(args, 1)),
            ["leases"] = (world, args) => Ask(world, First(args, 2)),
            ["checkconf"] = (world, args) => CheckConf.Run(world, [.. args.Skip(1)]),
            ["why"] = (world, args) => Why.Run(world, [.. args.Skip(1)]),
            ["down-srcip"] = (world, args) => args.Count > 1 ? Ask(world, [args[0], .. args.Skip(1).SelectMany(Parts)]) : Usage(world, "down-srcip <start> [<end>]"),
            ["secrets"] = (world, _) => Ask(world, ["rereadsecrets"]),
            ["stroke"] = (world, args) => Stroke.Run(world, [.. args.Skip(1)]),
        };
        foreach (var one in (string[])["up", "down", "route", "unroute"]) all.Add(one, (world, args) => args.Count == 2 ? Ask(world, args) : Usage(world, $"{one} <connection name>"));
        foreach (var purge in Purge.WithoutArguments) all.Add(purge, (world, args) => Ask(world, First(args, 0)));
        foreach (var asked in (IEnumerable<string>)["resetcounters", "rereadsecrets", "rereadall", .. Lists.Words, .. Reread.Words, .. Purge.Words.Except(Purge.WithoutArguments)]) all.Add(asked, Ask);
        return all;
    }

    /// <summary>The word with so many arguments: the reference leaves the others out, options too. <c>--json</c> is ours and does not count.</summary>
    static IReadOnlyList<string> First(IReadOnlyList<string> args, int most) => [args[0], .. args.Skip(1).Where(a => a != Json).Take(most), .. args.Skip(1).Where(a => a == Json).Take(1)];

    /// <summary>The reference gives its arguments to a shell, which parts them at blanks.</summary>
    static string[] Parts(string text) => text.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);

    static int Version(Surroundings world, IReadOnlyList<string> args) => Say(world, $"Linux {Product.Name} {Product.VersionCode}\nIKEv2 and IPsec for Linux, under the Apache License 2.0\n");

    static int Say(Surroundings world, string text)
    {
        world.Out.Write(text);
        return ExitCode.Success;
    }

    static int Usage(Surroundings world, string form)
    {
        world.Out.Write($"Usage: ipsec {form}\n");
        return ExitCode.Usage;
    }

    internal static int Unknown(Surroundings world, string argument0, string word)
    {
        world.Error.Write($"{argument0}: unknown command `{word}' (`ipsec --help' for list)\n");
        return ExitCode.Usage;
    }

    /// <summary>What needs the daemon, and succeeds if it answers.</summary>
    static int Ask(Surroundings world, IReadOnlyList<string> args) => world.HasDaemon ? Stroke.Run(world, args) : ExitCode.NotRunning;
}
