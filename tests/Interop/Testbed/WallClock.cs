// A wall clock that one gateway's programs see, and that a scene sets as an administrator would, or a bad time server.
namespace Cygnet.Interop.Testbed;

/// <summary>Everything that `ipsec start` starts on the gateway goes by it.</summary>
public sealed class WallClock
{
    readonly string _file;

    public WallClock(Gateway gateway)
    {
        _file = Path.Combine(gateway.Host.Folder, "clock");
        var library = Path.Combine(gateway.Host.Folder, "wall-clock.so");
        Set(TimeSpan.Zero);
        var compiler = ((string[])["cc", "gcc", "tcc"]).FirstOrDefault(c => Command.Run("sh", "-c", $"command -v {c}").ExitCode == 0) ?? throw new BedFailure("this scene needs a C compiler: apt-get install tcc");
        Command.Run(compiler, "-shared", "-fPIC", "-o", library, Checkout.Path("tests", "Interop", "Testbed", "wall-clock.c")).ShouldSucceed();
        gateway.Through = ["env", $"LD_PRELOAD={library}", $"WALL_CLOCK={_file}"];
    }

    /// <summary>From this moment on the clock is so far from the true time.</summary>
    public void Set(TimeSpan offset)
    {
        // By rename: no reader sees it empty.
        File.WriteAllText(_file + ".new", $"{(long)offset.TotalSeconds}\n");
        File.Move(_file + ".new", _file, overwrite: true);
    }
}
