// What the reference's stroke does, which ipsec calls for most of its commands and scripts call by themselves: ipsec stroke WORD. ipsec(8).
using System.Globalization;
using System.Text;
using Cygnet.Command.Reports;
using Cygnet.Control;

namespace Cygnet.Command.Commands;

static class Stroke
{
    /// <summary>A word, how many arguments it needs, what is said where they are missing, and what it does.</summary>
    sealed record Word(int Least, string Missing, Action<IVici, Surroundings, StrokeOptions> Run);

    static readonly Dictionary<string, Word> s_words = Table();

    public static IReadOnlyCollection<string> Words => s_words.Keys;

    /// <summary>Runs the word that comes first among the arguments that are no options; answers the exit code.</summary>
    public static int Run(Surroundings world, IReadOnlyList<string> args)
    {
        if (StrokeOptions.Parse(args, world.Paths, out var complaint) is not { } options)
        {
            world.Error.Write($"{complaint}\n");
            return StrokeUsage.Fail(world.Error, "invalid option");
        }
        if (options.Help)
        {
            world.Out.Write(StrokeUsage.Text);
            return ExitCode.Success;
        }
        if (options.Words.Count == 0) return StrokeUsage.Fail(world.Error, "command missing");
        if (!s_words.TryGetValue(options.Words[0], out var word)) return StrokeUsage.Fail(world.Error, "unknown command");
        if (options.Words.Count - 1 < word.Least) return StrokeUsage.Fail(world.Error, word.Missing);
        word.Run(world.Connect(), world, options);
        return ExitCode.Success;
    }

    static Dictionary<string, Word> Table()
    {
        const string up = "\"up\" needs a connection name", down = "\"down\" needs a connection name", export = "\"export\" needs a name";
        var all = new Dictionary<string, Word>
        {
            ["up"] = new(1, up, (charon, world, o) => Up.Run(charon, world.Out, o.Words[1])),
            ["up-nb"] = new(1, up, (charon, world, o) => Up.Begin(charon, world.Out, o.Words[1])),
            ["down"] = new(1, down, (charon, world, o) => Down.Run(charon, world.Out, world.Error, o.Words[1])),
            ["down-nb"] = new(1, down, (charon, world, o) => Down.Begin(charon, world.Error, o.Words[1])),
            ["down-srcip"] = new(1, "\"down-srcip\" needs start and optional end address", (charon, world, o) => DownSourceIp.Run(charon, world.Error, o.Words[1], o.Words.ElementAtOrDefault(2))),
            ["rekey"] = new(1, "\"rekey\" needs a connection name", (charon, world, o) => Rekey(charon, world.Error, o.Words[1])),
            ["route"] = new(1, "\"route\" needs a connection name", (charon, world, o) => Route.Install(charon, world.Out, world.Error, o.Words[1])),
            ["unroute"] = new(1, "\"unroute\" needs a connection name", (charon, world, o) => Route.Uninstall(charon, world.Out, o.Words[1])),
            ["loglevel"] = new(2, "\"logtype\" needs more parameters...", (charon, world, o) => LogLevel(charon, world.Out, o.Words[1], o.Words[2])),
            ["user-creds"] = new(2, "\"user-creds\" needs a connection name, username and optionally a password",
                (charon, world, o) => UserCredentials(charon, world, o.Words[1], o.Words[2], o.Words.ElementAtOrDefault(3))),
            ["add"] = new(7, "\"add\" needs more arguments...", (charon, world, o) => Add(charon, world.Error, o.Words)),
            ["del"] = new(1, "\"delete\" needs a connection name", (charon, world, o) => Delete(charon, world.Error, o.Words[1])),
            ["delete"] = new(1, "\"delete\" needs a connection name", (charon, world, o) => Delete(charon, world.Error, o.Words[1])),
            ["leases"] = new(0, "", (charon, world, o) => new LeaseReport(charon, o.Words.ElementAtOrDefault(1), o.Words.ElementAtOrDefault(2)).Print(world.Out, o.Json)),
            ["exportx509"] = new(1, export, (charon, world, o) => Export.BySubject(charon, world.Out, o.Words[1])),
            ["exportconncert"] = new(1, export, (charon, world, o) => Export.ByConnection(charon, world.Out, o.Words[1], chain: false, world.Now())),
            ["exportconnchain"] = new(1, export, (charon, world, o) => Export.ByConnection(charon, world.Out, o.Words[1], chain: true, world.Now())),
            ["memusage"] = new(0, "", (charon, world, _) => world.Out.Write($"Total memory usage: {charon.Call("stats")?.Section("mallinfo")?.Text("used")}\n")),
            ["rereadsecrets"] = new(0, "", (charon, world, _) => RereadSecrets.Run(world, charon)),
            ["resetcounters"] = new(0, "", (charon, _, o) => charon.Call("reset-counters", new ViciSection().Add("name", o.Words.ElementAtOrDefault(1)))),
        };
        foreach (var status in (string[])["status", "statusall", "statusallnb", "statusall-nb"])
            all.Add(status, new(0, "", (charon, world, o) => new StatusReport(charon, status != "status", o.Words.ElementAtOrDefault(1), !status.EndsWith("nb", StringComparison.Ordinal)).Print(world.Out, o.Json)));
        foreach (var list in Lists.Words) all.Add(list, new(0, "", (charon, world, o) => Lists.Run(charon, world, list, o)));
        all.Add("rereadall", new(0, "", (charon, world, _) =>
        {
            RereadSecrets.Run(world, charon);
            foreach (var reread in Reread.Words) Reread.Run(charon, world, reread);
        }));
        foreach (var reread in Reread.Words) all.Add(reread, new(0, "", (charon, world, _) => Reread.Run(charon, world, reread)));
        foreach (var purge in Purge.Words) all.Add(purge, new(0, "", (charon, world, _) => Purge.Run(charon, world.Out, purge)));
        return all;
    }

    /// <summary>Asks for new keys, and does not wait for them.</summary>
    static void Rekey(IVici charon, TextWriter error, string text)
    {
        if (!DownSpecifier.TryParse(text, out var spec))
        {
            error.Write("error parsing specifier string\n");
            return;
        }
        var ids = spec.Ids(charon);
        foreach (var id in spec.All ? ids : ids.Take(1)) charon.Call("rekey", new ViciSection().Add(spec.IsChild ? "child-id" : "ike-id", id));
    }

    static void LogLevel(IVici charon, TextWriter to, string group, string level)
    {
        var number = long.TryParse(level, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : 0;
        var answer = charon.Call("x-set-loglevel", new ViciSection().Add("group", group).Add("level", number));
        if (answer is null) to.Write("command not allowed!\n");
        else if (answer.Boolean("success") != true) to.Write(answer.Utf8("errmsg") is { } reason && reason.StartsWith("unknown", StringComparison.Ordinal) ? $"unknown type '{group}'!\n" : $"{answer.Utf8("errmsg")}\n");
    }

    /// <summary>Who it is comes first, and where that fits the password, if it is not among the arguments where everybody sees it.</summary>
    static void UserCredentials(IVici charon, Surroundings world, string name, string username, string? password)
    {
        var request = new ViciSection().Add("name", name).Add("username", username);
        if (password is not null || Tell(charon.Call("x-user-creds", request)))
            if ((password is null ? world.AskSecret("Password: ") : Encoding.UTF8.GetBytes(password)) is { Length: > 0 } secret) Tell(charon.Call("x-user-creds", request.Add("password", secret)));

        bool Tell(ViciSection? answer)
        {
            if (answer?.Boolean("success") == true) return true;
            world.Out.Write($"{answer?.Utf8("errmsg") ?? "the daemon does not know 'x-user-creds'"}\n");
            return false;
        }
    }

    /// <summary>NAME MY_ID OTHER_ID MY_ADDR OTHER_ADDR MY_NET OTHER_NET: a connection that authenticates by public keys, with default proposals.</summary>
    static void Add(IVici charon, TextWriter error, IReadOnlyList<string> words)
    {
        var message = new ViciSection();
        var c = message.AddSection(words[1]).Add("version", 2).AddList("local_addrs", [words[4]]).AddList("remote_addrs", [words[5]]);
        c.AddSection("local").Add("auth", "pubkey").Add("id", words[2]);
        c.AddSection("remote").Add("auth", "pubkey").Add("id", words[3]);
        c.AddSection("children").AddSection(words[1]).AddList("local_ts", [words[6]]).AddList("remote_ts", [words[7]]);
        Complain(error, charon.Call("load-conn", message));
    }

    static void Delete(IVici charon, TextWriter error, string name) => Complain(error, charon.Call("unload-conn", new ViciSection().Add("name", name)));

    // The reference has the reason in its log alone.
    static void Complain(TextWriter error, ViciSection? answer)
    {
        if (answer?.Boolean("success") != true) error.Write($"{answer?.Utf8("errmsg")}\n");
    }
}
