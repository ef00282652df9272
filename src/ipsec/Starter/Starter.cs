// starter: everything that is checked before it detaches, in the reference's order. ipsec(8).
using System.Diagnostics;
using Cygnet.Command.Commands;
using Cygnet.Config;
using Cygnet.Linux;

namespace Cygnet.Command.Starter;

static class Starter
{
    static readonly TimeSpan _pidFileLimit = TimeSpan.FromSeconds(10);

    public static int Run(Surroundings world, IReadOnlyList<string> args)
    {
        if (StarterOptions.Parse(args) is not { } options)
        {
            world.Error.Write(StarterOptions.Usage);
            return ExitCode.InvalidArgument;
        }
        foreach (var (name, value) in Programs.Variables(world.Paths)) Environment.SetEnvironmentVariable(name, value);
        var paths = world.Paths with { DaemonName = options.Daemon };
        Environment.SetEnvironmentVariable("DAEMON_NAME", options.Daemon);
        // Where standard error is the journal already, every line would stand there twice.
        var isJournal = options.NoFork && Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 };
        using var log = new StarterLog(world.Error, options.LogLevel, toSyslog: !options.ConfTest && !isJournal);
        var settings = StrongswanSettings.Parse(paths.StrongswanConf, new HostFiles());
        var conf = options.Conf ?? settings.Text("starter.config_file") ?? paths.IpsecConf;
        if (options.ConfTest) return ConfTest(paths, conf, options.LogLevel, log);
        return options.IsDetached ? new Supervisor(world, paths, options, conf, HangLimit(settings), log).Run() : Check(world, paths, options, args, conf, settings, log);
    }

    static TimeSpan HangLimit(StrongswanSettings settings) => settings.Time("starter.x-hang_limit", HangWatch.Default) is var limit && limit > TimeSpan.Zero ? limit : TimeSpan.Zero;

    static int ConfTest(Paths paths, string conf, int level, StarterLog log)
    {
        var configuration = Configuration.Read(paths, conf, traced: level);
        Print(configuration, log);
        // As in the reference: conns that are left out do not make a file invalid, checkconf looks closer.
        var isGood = !configuration.Plan.IsFatal;
        log.Write(isGood ? "config OK" : "config invalid!");
        return isGood ? ExitCode.Success : ExitCode.InvalidArgument;
    }

    static int Check(Surroundings world, Paths paths, StarterOptions options, IReadOnlyList<string> args, string conf, StrongswanSettings settings, StarterLog log)
    {
        if (!File.Exists(paths.Charon))
        {
            log.Write($"IKE daemon '{paths.Charon}' not found");
            return ExitCode.Failed;
        }
        const string dangerous = "charon.i_dont_care_about_security_and_use_aggressive_mode_psk";
        log.Write($"Starting {(settings.Boolean(dangerous) ? "weakSwan" : Product.Name)} {Product.Version} IPsec [starter]...");
        if (settings.Boolean("starter.load_warning", true) && settings.Text("charon.load") is not null)
            log.Write("!! Your strongswan.conf contains manual plugin load options for charon.\n!! The features of this daemon are built in,\n!! 'charon.load' has no effect.");
        if (options.AttachGdb) log.Write("--attach-gdb has no effect: a managed program wants another debugger");
        if (!Environment.IsPrivilegedProcess)
        {
            log.Write("permission denied (must be superuser)");
            return ExitCode.NoPermission;
        }
        // In a fresh prefix nobody has made it yet.
        try { Directory.CreateDirectory(paths.PidDir); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { log.Write($"cannot make '{paths.PidDir}': {e.Message}"); return ExitCode.Failed; }
        if (LostCharon.Find(paths) is { } lost)
            log.Write($"{paths.DaemonName} ({lost.Pid}) has lost its starter -- it is taken over, its tunnels stay");
        else if (PidFile.ReadLive(paths.CharonPidFile) is not null)
            log.Write($"{paths.DaemonName} is already running ({paths.Printed(paths.CharonPidFile)} exists) -- skipping daemon start");
        else
            RemoveStale(paths, paths.CharonPidFile, log);
        foreach (var device in (string[])["/dev/random", "/dev/urandom"])
            if (!File.Exists(device))
            {
                log.Write($"unable to start {Product.Name} IPsec -- no {device}!");
                return ExitCode.Failed;
            }
        var configuration = Configuration.Read(paths, conf, traced: options.LogLevel);
        Print(configuration, log);
        if (configuration.Plan.IsFatal)
        {
            log.Write($"unable to start {Product.Name} -- fatal errors in config");
            return ExitCode.InvalidArgument;
        }
        if (PidFile.ReadLive(paths.StarterPidFile) is not null)
        {
            log.Write($"starter is already running ({paths.Printed(paths.StarterPidFile)} exists) -- no fork done");
            return ExitCode.Success;
        }
        RemoveStale(paths, paths.StarterPidFile, log);
        if (options.NoFork) return new Supervisor(world, paths, options, conf, HangLimit(settings), log).Run();

        // .NET cannot fork: the process that stays is this program again, under the starter's name.
        var self = Environment.ProcessPath ?? paths.Starter;
        var child = DetachedProcess.Start(self, [paths.Starter, StarterOptions.Detached, .. args]);
        return AwaitPidFile(paths, child, log);
    }

    /// <summary>It is there for whoever asks for the status next. Of two that were started at once the child of one finds the other's.</summary>
    static int AwaitPidFile(Paths paths, DetachedProcess child, StarterLog log)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < _pidFileLimit; Thread.Sleep(5))
        {
            if (PidFile.ReadLive(paths.StarterPidFile) == child.Pid) return ExitCode.Success;
            if (child.TryWait() is not { } status) continue;
            log.Write(status == ExitCode.Success ? $"starter is already running ({paths.Printed(paths.StarterPidFile)} exists) -- no fork done"
                : $"unable to start {Product.Name} -- {Reason(paths)}");
            return status;
        }
        return ExitCode.Success;
    }

    /// <summary>What a detached starter died of, whose words nobody could hear: what would keep us from it too.</summary>
    static string Reason(Paths paths)
    {
        try
        {
            using var file = PidFile.TryCreate(paths.StarterPidFile, out _);
            return $"the starter ended before it wrote '{paths.Printed(paths.StarterPidFile)}', the system log may say why";
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    /// <summary>Every complaint about the files; at a higher level what was looked at, and at the highest what was found in ipsec.d.</summary>
    internal static void Print(Configuration configuration, StarterLog log)
    {
        foreach (var line in configuration.Unread) log.Write(line);
        var steps = new Queue<ConfStep>(configuration.Conf.Steps);
        foreach (var (before, complaint) in configuration.Plan.Errors.Index())
        {
            Look(before);
            foreach (var line in complaint.Lines) log.Write(line);
        }
        Look(int.MaxValue);
        foreach (var line in configuration.Plan.Log) log.Write(line, 4);

        void Look(int complaints)
        {
            while (steps.TryPeek(out var step) && step.Complaints <= complaints) log.Write(steps.Dequeue().Text, step.Level);
        }
    }

    static void RemoveStale(Paths paths, string file, StarterLog log)
    {
        if (!File.Exists(file)) return;
        log.Write($"removing pidfile '{paths.Printed(file)}', process not running");
        File.Delete(file);
    }
}
