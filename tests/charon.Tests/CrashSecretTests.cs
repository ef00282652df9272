// The file of the crash detection secret: made once, for its owner alone, and never guessed at.
using Cygnet.Charon.Logging;

namespace Cygnet.Charon.Tests;

public sealed class CrashSecretTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("qcd").FullName;
    readonly Log _log = new();

    string File => Path.Combine(_folder, "charon.qcd");

    [Fact]
    public void It_is_made_once_and_outlives_the_daemon()
    {
        var first = CrashSecret.Open(File, _log)!.Make(1, 2, weInitiated: true);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal(first, CrashSecret.Open(File, _log)!.Make(1, 2, weInitiated: true));
        Assert.NotEqual(first, CrashSecret.Open(File, _log)!.Make(1, 2, weInitiated: false));
        Assert.Equal([File], Directory.GetFiles(_folder));
        System.IO.File.Delete(File);
        Assert.NotEqual(first, CrashSecret.Open(File, _log)!.Make(1, 2, weInitiated: true));
    }

    [Fact]
    public void A_file_that_holds_something_else_is_left_alone()
    {
        System.IO.File.WriteAllText(File, "something else");
        Assert.Null(CrashSecret.Open(File, _log));
        Assert.Equal("something else", System.IO.File.ReadAllText(File));
        Assert.Null(CrashSecret.Open(Path.Combine(_folder, "no", "such"), _log));
    }

    public void Dispose()
    {
        _log.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
