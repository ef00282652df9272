// The daemon's life: start in the reference's order, wait for a signal, take everything down again.
using Cygnet.Charon.Control;
using Cygnet.Charon.Logging;
using Cygnet.Charon.Scripts;
using Cygnet.Charon.Shards;
using Cygnet.Control;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Linux;
using Cygnet.Linux.Fetch;
using Cygnet.Linux.Pkcs11;

namespace Cygnet.Charon;

sealed partial class Daemon
{
    readonly CommandLine _line;
    readonly Paths _paths;
    readonly Log _log;
    readonly EventHub _hub;
    readonly TaskCompletionSource<string> _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly WorkPool _pool;
    readonly ShardSet _shards;
    readonly ShardSurroundings _around;
    readonly RadiusService? _radius;
    readonly Tokens _tokens;
    readonly NotifySocket? _notify = NotifySocket.TakeFromEnvironment();
    static readonly TimeSpan _controlAgain = TimeSpan.FromSeconds(5);
    StatusFetcher? _fetcher;
    DaemonConf _conf;

    public static string OwnVersion { get; } = typeof(Daemon).Assembly.GetName().Version?.ToString(3) ?? "0";

    Daemon(CommandLine line, Paths paths, DaemonConf conf, Log log, ShardSurroundings around)
    {
        (_line, _paths, _conf, _log, _around, _pool, _hub) = (line, paths, conf, log, around, around.Pool, around.Hub);
        var settings = conf.ToSettings();
        var count = (int)Math.Clamp(conf.Number("x-shards", Math.Min(Environment.ProcessorCount, 4)), 1, 1 << ShardSet.ShardBits);
        _shards = new ShardSet(count, around, settings, (host, number) => new IkeEngine(host, settings, number, ShardSet.ShardBits));
        Store = new ConfigurationStore(c => _shards.Configure(c));
        foreach (var text in settings.Ignored) log.Write(LogGroup.Cfg, 1, text);
        if (settings.IkeSpis != default) log.Write(LogGroup.Ike, 1, $"using SPI label 0x{settings.IkeSpis.Label:x16} and mask 0x{settings.IkeSpis.Mask:x16}");
        _radius = around.Radius;
        _holdLimit = conf.Number("x-hold_limit", LongestHoldSeconds) * 1000;
        _tokens = new([.. conf.Sections("plugins.pkcs11.modules").Select(m => (m, conf.Text($"plugins.pkcs11.modules.{m}.path") ?? "", conf.Boolean($"plugins.pkcs11.modules.{m}.os_locking")))],
            text => log.Write(LogGroup.Cfg, 1, text));
        log.Hub = _hub;
    }

    /// <summary>Runs until it is told to stop; returns the process's exit code.</summary>
    public static async Task<int> Run(CommandLine line, Paths paths)
    {
        if (DaemonConf.TryRead(paths.StrongswanConf, out var problem) is not { } conf)
        {
            Console.Error.WriteLine(problem);
            return ExitCode.LibraryIntegrity;
        }
        // Nobody sees standard error of a daemon in the background.
        Action<string> lastResort = line.UseSyslog ? ToSyslog : Console.Error.WriteLine;
        using var log = new Log(lastResort);
        log.Use(LoggerSetup.Open(conf, line, lastResort));
        var inherited = Inherited.TakeFromEnvironment();
        if (RunAs.Read(conf, out problem) is not { } runAs)
        {
            log.Write(LogGroup.Dmn, 1, $"{problem}\ninvalid uid/gid - aborting charon");
            return ExitCode.InitializationFailed;
        }
        if (runAs.IsApart) paths = paths.OfUser();
        if (!line.Clean && !runAs.IsToChange) log.Write(LogGroup.Dmn, 1, $"Starting IKE charon daemon (Cygnet {OwnVersion}, Linux {Uname.Release}, {Uname.Machine})");
        PidFile? pid;
        try
        {
            Directory.CreateDirectory(paths.PidDir);
            pid = RunAs.Adopted(inherited, paths.CharonPidFile) ?? PidFile.TryCreate(paths.CharonPidFile, out _);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Write(LogGroup.Dmn, 1, $"initialization failed: {e.Message}");
            return ExitCode.NotNow;
        }
        using var held = pid;
        try
        {
            if (pid is null)
            {
                log.Write(LogGroup.Dmn, 1, $"charon already running ('{paths.CharonPidFile}' exists)");
                return ExitCode.InitializationFailed;
            }
            if (runAs.IsToChange) return Become(runAs, line, paths, conf, pid, log);
            if (runAs.IsApart) Directory.CreateDirectory(paths.StateDir, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            if (inherited is not null) log.Write(LogGroup.Lib, 1, $"dropped capabilities, running as uid {runAs.Account?.User}, gid {runAs.Group}");
            return await (line.Clean ? Clean(paths, conf, log) : Run(line, paths, conf, log, runAs.Socket, RunAs.AdoptedSocket(inherited))).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            log.Write(LogGroup.Dmn, 1, e is IOException or UnauthorizedAccessException or LinuxException or StartFailure
                ? $"initialization failed: {e.Message}" : $"initialization failed: {e}");
            return ExitCode.InitializationFailed;
        }
    }

    /// <summary>Returns only if it fails. What cannot be made now, on a disk that is full, may be later.</summary>
    static int Become(RunAs runAs, CommandLine line, Paths paths, DaemonConf conf, PidFile pid, Log log)
    {
        try
        {
            log.Write(LogGroup.Dmn, 1, $"initialization failed: {runAs.Become(paths, conf, pid, takesCommands: !line.Clean, log)}");
            return ExitCode.InitializationFailed;
        }
        catch (IOException e)
        {
            log.Write(LogGroup.Dmn, 1, $"initialization failed: {e.Message}");
            return ExitCode.NotNow;
        }
    }

    static void ToSyslog(string text)
    {
        using var syslog = new Syslog("charon", SyslogFacility.Daemon);
        syslog.Write($"00[DMN] {text}");
    }

    static async Task<int> Run(CommandLine line, Paths paths, DaemonConf conf, Log log, SocketOwner owner, int? opened)
    {
        var random = new SystemRandom();
        using var host = new HostConfiguration(conf, paths.HostState, log);
        using var network = Network.Open(conf, random, log, host);
        host.RemoveLeft();
        log.Write(LogGroup.Knl, 1, network.Choice);
        using var pool = new WorkPool((int)Math.Clamp(conf.Number("threads", 16), 1, 256));
        var hub = new EventHub();
        var updown = new UpdownScripts(network.DevicesOf, log, host.State);
        updown.TakeDownLeft();
        using var radius = new RadiusService(network, random, log, hub);
        using var fetcher = new StatusFetcher(random, conf.ToFetch(), text => log.Write(LogGroup.Cfg, 1, text));
        var tokens = conf.Boolean("x-qcd.make") ? CrashSecret.Open(conf.Text("x-qcd.file") ?? Path.Combine(paths.StateDir, "charon.qcd"), log) : null;
        var daemon = new Daemon(line, paths, conf, log, new(network, network.DataPlane, new SystemCrypto(), random, log, hub, pool, new() { JobLoad = () => pool.Queued }, DnsNames.Lookup) { HostConfiguration = host, Radius = radius, Updown = updown, StatusFetcher = fetcher, CrashTokens = tokens });
        radius.Use(conf.ToRadius(), daemon._shards);
        fetcher.KeepIn = () => daemon.Store.Current.CrlDirectory ?? (daemon._conf.CachesCrls ? Path.Combine(paths.ConfDir, "ipsec.d", "crls") : null);
        daemon._fetcher = fetcher;
        log.Write(LogGroup.Lib, 1, $"loaded plugins: {string.Join(' ', Modules.Names)}");
        log.Write(LogGroup.Job, 1, $"spawning {pool.Threads} worker threads");
        await daemon.Serve(network, owner, opened).ConfigureAwait(false);
        return ExitCode.Success;
    }

    async Task Serve(Network network, SocketOwner owner, int? opened)
    {
        using var interrupt = UnixSignal.On(UnixSignal.Int, () => _stop.TrySetResult("SIGINT received, shutting down"));
        using var terminate = UnixSignal.On(UnixSignal.Term, () => _stop.TrySetResult("SIGTERM received, shutting down"));
        using var hangUp = UnixSignal.On(UnixSignal.Hup, OnHangUp);
        _shards.Start();
        network.Start(_shards);
        var control = OpenControl(owner, opened);
        foreach (var line in _conf.WithoutEffect()) _log.Write(LogGroup.Cfg, 1, line);
        _notify?.Ready("listening");
        _ = HoldUntilBack(network);
        using var watchdog = new Watchdog(_notify, async () => await _shards.Counts().ConfigureAwait(false) is var _);
        WholeProgram.LoadInBackground();
        await ConfiguredScripts.Run(_conf.StartScripts, "start", _log).ConfigureAwait(false);

        _log.Write(LogGroup.Dmn, 1, await _stop.Task.ConfigureAwait(false));
        _notify?.Stopping();
        StateEvents.Raise(_hub, new SaEvent.Alert(AlertType.ShutdownSignal, null), Now);
        await ConfiguredScripts.Run(_conf.StopScripts, "stop", _log).ConfigureAwait(false);
        network.StopReceiving();
        if (_radius is not null) await _radius.Finish().ConfigureAwait(false);
        await Task.WhenAny(_shards.TerminateAll(), Task.Delay(TimeSpan.FromSeconds(2))).ConfigureAwait(false);
        if (_around.Updown is { } updown)
        {
            await updown.Finish().ConfigureAwait(false);
            updown.TakeDownStanding();
            await updown.Finish().ConfigureAwait(false);
        }
        if (await control.ConfigureAwait(false) is { } server) await server.DisposeAsync().ConfigureAwait(false);
        _shards.Dispose();
    }

    /// <summary>
    /// Without a control socket the daemon goes on, as the reference does: established peers must not suffer. It tries again until it has one, for a
    /// directory that is full now need not stay so; null if that did not happen before its end.
    /// </summary>
    async Task<ViciServer?> OpenControl(SocketOwner owner, int? opened)
    {
        var uri = RunAs.ViciUri(_conf, _paths);
        for (string? said = null; ; )
        {
            try
            {
                var server = ViciServer.Open(uri, new Commands(this), _hub, _log, owner, opened);
                if (said is not null) _log.Write(LogGroup.Cfg, 1, $"created vici socket '{uri}' after all");
                server.Start();
                return server;
            }
            catch (IOException e)
            {
                if (e.Message != said) _log.Write(LogGroup.Cfg, 1, $"{e.Message}; it is tried again every {_controlAgain.TotalSeconds:0}s");
                (said, opened) = (e.Message, null);
            }
            if (await Task.WhenAny(_stop.Task, Task.Delay(_controlAgain)).ConfigureAwait(false) == _stop.Task) return null;
        }
    }

    void OnHangUp()
    {
        _log.Write(LogGroup.Dmn, 1, "signal of type SIGHUP received. Reloading configuration");
        _notify?.Reloading();
        var problem = ReloadSettings();
        if (problem is not null) _log.Write(LogGroup.Dmn, 1, problem);
        _notify?.Ready(problem ?? "listening");
    }
}
