// What a supervisor hears, on a socket of the test's own.
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Cygnet.Linux.Tests;

public sealed partial class NotifySocketTests : IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("cygnet-notify-").FullName;
    readonly Socket _supervisor = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 30_000 };

    public void Dispose()
    {
        _supervisor.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    NotifySocket Open(string? microseconds = null, string? process = null, bool isAbstract = false)
    {
        var name = isAbstract ? $"@cygnet-{Guid.NewGuid():n}" : Path.Combine(_directory, "notify");
        _supervisor.Bind(new UnixDomainSocketEndPoint(isAbstract ? $"\0{name[1..]}" : name));
        return NotifySocket.Of(n => n switch { "NOTIFY_SOCKET" => name, "WATCHDOG_USEC" => microseconds, "WATCHDOG_PID" => process, _ => null }, 77)!;
    }

    string[] Heard()
    {
        var buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, _supervisor.Receive(buffer)).Split('\n');
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_state_is_told(bool isAbstract)
    {
        var socket = Open(isAbstract: isAbstract);
        socket.Ready("two\nlines");
        Assert.Equal(["READY=1", $"MAINPID={Environment.ProcessId}", "STATUS=two lines"], Heard());
        socket.Status("well");
        Assert.Equal(["STATUS=well"], Heard());
        socket.IsAlive();
        Assert.Equal(["WATCHDOG=1"], Heard());
        socket.Stopping();
        Assert.Equal("STOPPING=1", Heard()[0]);
        Assert.Null(socket.Watchdog);
    }

    [Fact]
    public void A_reload_carries_the_kernels_monotonic_time()
    {
        var socket = Open();
        var before = Monotonic();
        socket.Reloading();
        var heard = Heard();
        Assert.Equal("RELOADING=1", heard[0]);
        Assert.StartsWith("MONOTONIC_USEC=", heard[1]);
        Assert.InRange(long.Parse(heard[1][15..], CultureInfo.InvariantCulture), before, Monotonic());
    }

    static long Monotonic()
    {
        const int clockMonotonic = 1;
        Assert.Equal(0, ClockGetTime(clockMonotonic, out var time));
        return time.Seconds * 1_000_000 + time.Nanoseconds / 1000;
    }

    struct Time { public long Seconds, Nanoseconds; }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out Time time);

    [Theory]
    [InlineData("3000000", null, 3)]
    [InlineData("3000000", "77", 3)]
    [InlineData("3000000", "78", 0)] // another process is watched
    [InlineData("0", null, 0)]
    [InlineData("-5", null, 0)]
    [InlineData("soon", null, 0)]
    [InlineData(null, null, 0)]
    public void Only_the_process_that_is_meant_is_watched(string? microseconds, string? process, int seconds) =>
        Assert.Equal(seconds == 0 ? null : TimeSpan.FromSeconds(seconds), Open(microseconds, process).Watchdog);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("relative")]
    [InlineData("vsock:2:1234")]
    public void Without_a_supervisor_there_is_none(string? name) => Assert.Null(NotifySocket.Of(n => n == "NOTIFY_SOCKET" ? name : null, 1));

    [Fact]
    public void A_name_that_is_too_long_and_a_supervisor_that_is_gone_hurt_nobody()
    {
        Assert.Null(NotifySocket.Of(n => n == "NOTIFY_SOCKET" ? "/" + new string('x', 200) : null, 1));
        NotifySocket.Of(n => n == "NOTIFY_SOCKET" ? Path.Combine(_directory, "gone") : null, 1)!.Ready("nobody hears");
    }

    [Fact]
    public void Signs_of_life_come_while_there_are_answers()
    {
        var socket = Open("30000");
        var (asked, isWell) = (0, true);
        var stuck = new TaskCompletionSource<bool>();
        Task<bool>? answer = null;
        using var watchdog = new Watchdog(socket, () =>
        {
            Interlocked.Increment(ref asked);
            return Volatile.Read(ref answer) ?? Task.FromResult(Volatile.Read(ref isWell));
        });
        Assert.Equal(["WATCHDOG=1"], Heard());

        Volatile.Write(ref isWell, false);
        AwaitQuestions(2); // the second one saw it
        _supervisor.Blocking = false;
        Drain();
        AwaitQuestions(3);
        Assert.Equal(0, Drain());

        Volatile.Write(ref answer, Task.FromException<bool>(new IOException("no daemon")));
        AwaitQuestions(3);
        Assert.Equal(0, Drain());

        // One that does not answer is asked once.
        Volatile.Write(ref answer, stuck.Task);
        AwaitQuestions(2, orFewer: true);
        Assert.Equal(0, Drain());
        Volatile.Write(ref answer, null);
        Volatile.Write(ref isWell, true);
        stuck.SetResult(false);
        _supervisor.Blocking = true;
        Assert.Equal(["WATCHDOG=1"], Heard());

        void AwaitQuestions(int more, bool orFewer = false)
        {
            var from = Volatile.Read(ref asked);
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref asked) >= from + more, TimeSpan.FromSeconds(orFewer ? 0.3 : 30)) || orFewer);
        }

        int Drain()
        {
            var heard = 0;
            while (_supervisor.Poll(0, SelectMode.SelectRead))
            {
                Heard();
                heard++;
            }
            return heard;
        }
    }
}
