// ipsec start, stop, restart, update, reload: through the starter and its PID file. ipsec(8).
using Cygnet.Command.Text;
using Cygnet.Linux;

namespace Cygnet.Command.Commands;

static class Starting
{
    const string LockDirectory = "/var/lock/subsys";
    const int StopPolls = 110, GonePolls = 50;
    static readonly TimeSpan _stopPoll = TimeSpan.FromSeconds(0.1), _betweenStopAndStart = TimeSpan.FromSeconds(2), _gonePoll = TimeSpan.FromMilliseconds(20);

    public static int Start(Surroundings world, IReadOnlyList<string> options)
    {
        if (Directory.Exists(LockDirectory)) File.WriteAllBytes($"{LockDirectory}/ipsec", []);
        foreach (var (name, value) in Programs.Variables(world.Paths)) Environment.SetEnvironmentVariable(name, value);
        return Starter.Starter.Run(world, ["--daemon", world.Paths.DaemonName, .. options]);
    }

    public static int Stop(Surroundings world)
    {
        if (!world.HasStarter && Starter.LostCharon.Find(world.Paths) is null)
        {
            world.Error.Write($"Stopping {Product.Name} IPsec failed: starter is not running\n");
            CleanUp(world.Paths);
            return ExitCode.Success;
        }
        world.Error.Write($"Stopping {Product.Name} IPsec...\n");
        if (PidFile.ReadLive(world.Paths.StarterPidFile) is { } pid)
        {
            UnixSignal.Send(pid, UnixSignal.Term);
            using (var progress = new WaitingLine(world, "waiting until charon has told its peers"))
                for (var poll = 0; poll < StopPolls && PidFile.IsAlive(pid); poll++)
                {
                    Thread.Sleep(_stopPoll);
                    progress.Show();
                }
            if (PidFile.IsAlive(pid)) UnixSignal.Send(pid, UnixSignal.Kill);
            for (var poll = 0; poll < GonePolls && PidFile.ReadLive(world.Paths.StarterPidFile) is not null; poll++) Thread.Sleep(_gonePoll);
        }
        EndLost(world);
        CleanUp(world.Paths);
        File.Delete(world.Paths.StarterPidFile);
        if (Directory.Exists(LockDirectory)) File.Delete($"{LockDirectory}/ipsec");
        return ExitCode.Success;
    }

    /// <summary>A starter that was killed, by us a moment ago or by somebody before, has left its daemon.</summary>
    static void EndLost(Surroundings world)
    {
        if (!Environment.IsPrivilegedProcess || Starter.LostCharon.Find(world.Paths) is not { } lost) return;
        world.Error.Write($"{world.Paths.DaemonName} ({lost.Pid}) has lost its starter -- it is stopped too\n");
        using var log = new Starter.StarterLog(TextWriter.Null, 1, toSyslog: true);
        Starter.CharonProcess.StopLost(lost, world.Paths, log);
    }

    /// <summary>A starter that crashed has left what its daemon changed, if that has crashed too: a block of what its tunnels took, to begin with.</summary>
    static void CleanUp(Paths paths)
    {
        if (!Environment.IsPrivilegedProcess || !paths.HasHostState) return;
        // Who was killed a moment ago takes a little while to be gone.
        for (var poll = 0; PidFile.ReadLive(paths.CharonPidFile) is not null; poll++)
        {
            if (poll == GonePolls) return;
            Thread.Sleep(_gonePoll);
        }
        Starter.CharonProcess.Clean(paths);
    }

    public static int Restart(Surroundings world, IReadOnlyList<string> options)
    {
        Stop(world);
        Thread.Sleep(_betweenStopAndStart);
        return Start(world, options);
    }

    public static int Update(Surroundings world) => Signal(world, "Updating", UnixSignal.Hup);

    public static int Reload(Surroundings world) => Signal(world, "Reloading", UnixSignal.Usr1);

    static int Signal(Surroundings world, string doing, int signal)
    {
        if (!world.HasStarter)
        {
            world.Error.Write($"{doing} {Product.Name} IPsec failed: starter is not running\n");
            return ExitCode.NotRunning;
        }
        world.Error.Write($"{doing} {Product.Name} IPsec configuration...\n");
        if (PidFile.ReadLive(world.Paths.StarterPidFile) is { } pid && UnixSignal.Send(pid, signal)) return ExitCode.Success;
        world.Error.Write($"starter was killed, nothing is read; 'ipsec start' starts it again{(PidFile.ReadLive(world.Paths.CharonPidFile) is null ? "" : ", the tunnels stay")}\n");
        return signal == UnixSignal.Hup ? ExitCode.Success : ExitCode.NotRunning;
    }
}
