// Commands about the daemon as a whole: version, stats, reload-settings, and the extensions that show or steer it.
using System.Globalization;
using Cygnet.Ike;

namespace Cygnet.Control;

sealed class DaemonCommands(IDaemon daemon, Func<IEnumerable<string>> names)
{
    public void AddTo(Dictionary<string, Command> table)
    {
        table["version"] = (_, _) => Task.FromResult(Version());
        table["stats"] = async (_, _) => Stats(await daemon.Figures().ConfigureAwait(false));
        table["reload-settings"] = (_, _) => Task.FromResult(Answer.Of(daemon.ReloadSettings()));
        table["x-capabilities"] = (_, _) => Task.FromResult(Capabilities());
        table["x-list-addresses"] = (_, _) => Task.FromResult(new ViciSection().AddList("addresses", daemon.LocalAddresses().Select(a => a.ToString())));
        table["x-memory"] = (_, p) => Task.FromResult(Memory(p.Message.Boolean("collect")));
        table["x-set-loglevel"] = (_, p) => Task.FromResult(SetLogLevel(p.Message));
        table["x-loaded"] = (_, _) =>
        {
            daemon.Loaded();
            return Task.FromResult(Answer.Yes());
        };
        table["x-shutdown"] = (session, _) =>
        {
            session.AfterResponse = daemon.Shutdown;
            return Task.FromResult(Answer.Yes());
        };
    }

    ViciSection Version() => new ViciSection()
        .Add("daemon", "charon")
        .Add("version", daemon.Version)
        .Add("sysname", "Linux")
        .Add("release", daemon.KernelRelease)
        .Add("machine", daemon.Machine);

    ViciSection Stats(DaemonFigures f)
    {
        var s = new ViciSection();
        // As in the reference: a clock that is set anew moves the beginning, not the time that has passed.
        var running = TimeSpan.FromMilliseconds(daemon.Now.Milliseconds - daemon.Started.Milliseconds);
        s.AddSection("uptime")
            .Add("running", TextForms.Uptime(running))
            .Add("since", TextForms.LocalTime(daemon.WallTime - running));
        var workers = s.AddSection("workers").Add("total", f.Workers).Add("idle", f.Idle);
        ByPriority(workers.AddSection("active"), f.Active);
        ByPriority(s.AddSection("queues"), f.Queues);
        s.Add("scheduled", f.Scheduled);
        s.AddSection("ikesas").Add("total", f.IkeSas).Add("half-open", f.HalfOpen);
        s.AddList("plugins", daemon.Features);
        var memory = GC.GetGCMemoryInfo();
        var used = GC.GetTotalMemory(false);
        var committed = Math.Max(memory.TotalCommittedBytes, used);
        s.AddSection("mallinfo").Add("sbrk", committed).Add("mmap", 0).Add("used", used).Add("free", committed - used);
        return s;
    }

    /// <summary>What the daemon's objects take; with <paramref name="collect"/> those alone that are still in use, after a pause for their collection.</summary>
    static ViciSection Memory(bool collect)
    {
        if (collect)
            // Twice: what has a finalizer goes with the second.
            for (var i = 0; i < 2; i++)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                GC.WaitForPendingFinalizers();
            }
        var memory = GC.GetGCMemoryInfo();
        return new ViciSection().Add("managed", GC.GetTotalMemory(false)).Add("committed", memory.TotalCommittedBytes).Add("fragmented", memory.FragmentedBytes)
            .Add("resident", Environment.WorkingSet).Add("collections", GC.CollectionCount(GC.MaxGeneration)).Add("pause-percent", (long)memory.PauseTimePercentage);
    }

    static void ByPriority(ViciSection s, IReadOnlyList<int> n) =>
        s.Add("critical", n[0]).Add("high", n[1]).Add("medium", n[2]).Add("low", n[3]);

    ViciSection Capabilities() => new ViciSection()
        .AddList("commands", names())
        .AddList("events", EventHub.Names)
        .Add("protocol", 1);

    ViciSection SetLogLevel(ViciSection request)
    {
        if (!daemon.MayChangeLogLevels) return Answer.No("command not allowed!");
        var word = request.Utf8("group") ?? "any";
        LogGroup? group = null;
        if (word != "any")
        {
            if (!Enum.TryParse<LogGroup>(word, true, out var g) || int.TryParse(word, CultureInfo.InvariantCulture, out _))
                return Answer.No($"unknown type '{word}'");
            group = g;
        }
        var level = request.Number("level", long.MinValue);
        if (level is < -1 or > 4) return Answer.No("the level must be a number from -1 to 4");
        daemon.SetLogLevel(group, (int)level);
        return Answer.Yes();
    }
}
