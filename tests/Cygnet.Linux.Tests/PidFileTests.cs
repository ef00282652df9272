// One daemon to a PID file, whatever crashed before, and however many start at once.
namespace Cygnet.Linux.Tests;

public sealed class PidFileTests : IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("cygnet-pid-").FullName;

    string Path_ => Path.Combine(_directory, "charon.pid");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("nonsense\n")]
    [InlineData("4194305\n")] // above the highest possible number
    [InlineData("1\n")] // lives, and is no charon
    [InlineData("-1\n")]
    [InlineData("99999999999999999999\n")]
    public void What_a_crash_left_is_replaced(string content)
    {
        File.WriteAllText(Path_, content);
        Assert.Null(PidFile.ReadLive(Path_));
        using (PidFile.TryCreate(Path_, out var running))
        {
            Assert.Equal(0, running);
            Assert.Equal($"{Environment.ProcessId}\n", File.ReadAllText(Path_));
        }
        Assert.False(File.Exists(Path_));
    }

    [Theory]
    [InlineData("charon.pid", "/usr/lib/ipsec/charon", true)]
    [InlineData("charon.pid", "charon", true)]
    [InlineData("charon.pid", "/usr/sbin/charon-logger", false)]
    [InlineData("iked.pid", "/opt/libexec/ipsec/iked", true)]
    [InlineData("iked.pid", "/opt/libexec/ipsec/charon", true)]
    [InlineData("starter.charon.pid", "/usr/lib/ipsec/starter", true)]
    [InlineData("starter.charon.pid", "/usr/sbin/ipsec", true)]
    [InlineData("starter.charon.pid", "/usr/lib/ipsec/charon", false)]
    public void A_number_that_somebody_else_has_now_is_no_daemon(string name, string called, bool counts)
    {
        var path = Path.Combine(_directory, name);
        var child = DetachedProcess.Start("/bin/sleep", [called, "600"]);
        try
        {
            // posix_spawn returns a moment before the new program has its arguments
            Assert.True(SpinWait.SpinUntil(() => File.ReadAllText($"/proc/{child.Pid}/cmdline").StartsWith(called, StringComparison.Ordinal), TimeSpan.FromSeconds(30)));
            File.WriteAllText(path, $"{child.Pid}\n");
            Assert.Equal(counts ? child.Pid : null, PidFile.ReadLive(path));
        }
        finally
        {
            UnixSignal.Send(child.Pid, UnixSignal.Kill);
            child.Wait();
        }
    }

    [Fact]
    public void One_that_has_ended_and_waits_for_its_parent_does_not_run()
    {
        var child = DetachedProcess.Start("/bin/true", ["charon"]);
        File.WriteAllText(Path_, $"{child.Pid}\n");
        Assert.True(SpinWait.SpinUntil(() => PidFile.ReadLive(Path_) is null, TimeSpan.FromSeconds(30)));
        Assert.True(PidFile.IsAlive(child.Pid)); // so the kernel says
        child.Wait();
    }

    [Fact]
    public void Of_many_that_start_at_once_exactly_one_wins()
    {
        for (var round = 0; round < 50; round++)
        {
            if (round % 2 == 0) File.WriteAllText(Path_, "4194305\n");
            PidFile?[] got = new PidFile?[8];
            using var together = new Barrier(got.Length);
            Thread[] threads = [.. Enumerable.Range(0, got.Length).Select(i => new Thread(() =>
            {
                together.SignalAndWait();
                got[i] = PidFile.TryCreate(Path_, out _);
            }))];
            foreach (var thread in threads) thread.Start();
            foreach (var thread in threads) thread.Join();
            Assert.Single(got, g => g is not null);
            Assert.Equal($"{Environment.ProcessId}\n", File.ReadAllText(Path_));
            foreach (var one in got) one?.Dispose();
            Assert.False(File.Exists(Path_));
        }
    }

    [Fact]
    public void Where_nothing_can_be_written_it_says_so()
    {
        var e = Assert.Throws<IOException>(() => PidFile.TryCreate(Path.Combine(_directory, "none", "charon.pid"), out _));
        Assert.Contains("none/charon.pid", e.Message);
        // A device without room stands for a full disk.
        var full = Path.Combine(_directory, "full.pid");
        File.CreateSymbolicLink(full, "/dev/full");
        Assert.ThrowsAny<IOException>(() => PidFile.TryCreate(full, out _));
        Assert.True(File.Exists("/dev/full"));
        Assert.False(File.Exists(full));
    }
}
