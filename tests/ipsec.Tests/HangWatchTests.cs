// When the starter takes a daemon for hung, and when not.
using System.Diagnostics;
using System.Runtime.InteropServices;
using Cygnet.Command.Starter;

namespace Cygnet.Command.Tests;

public sealed partial class HangWatchTests
{
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void WhoOwesAnAnswerForTooLongIsEndedAndTheNextOneIsAskedAnew()
    {
        using var ended = new ManualResetEventSlim();
        using var askedAgain = new ManualResetEventSlim();
        var (pid, asked) = (100_000_001, 0);
        using (new HangWatch(TimeSpan.FromMilliseconds(300), () => pid, Asks, End))
        {
            Assert.True(ended.Wait(_patience));
            Assert.Equal(100_000_002, pid);
            Assert.True(askedAgain.Wait(_patience));
        }

        // Its end is what ends the question.
        bool Asks()
        {
            if (Interlocked.Increment(ref asked) > 1) askedAgain.Set();
            else ended.Wait();
            return true;
        }

        void End(int hung)
        {
            Assert.Equal(100_000_001, hung);
            pid = 100_000_002;
            ended.Set();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void WhoAnswersOrCannotBeAskedIsLeftAlone(bool answers)
    {
        using var often = new CountdownEvent(5);
        var ended = 0;
        using (new HangWatch(TimeSpan.FromMinutes(10), () => 100_000_001, Asks, _ => ended++, TimeSpan.FromMilliseconds(5))) Assert.True(often.Wait(_patience));
        Assert.Equal(0, ended);

        bool Asks()
        {
            if (!often.IsSet) often.Signal();
            return answers ? true : throw new ViciFailure("not listening yet");
        }
    }

    [Fact]
    public void NobodyIsAskedWhileThereIsNoDaemon()
    {
        using var polled = new CountdownEvent(3);
        var asked = 0;
        using (new HangWatch(TimeSpan.FromMilliseconds(60), Poll, () => ++asked > 0, _ => { })) Assert.True(polled.Wait(_patience));
        Assert.Equal(0, asked);

        int? Poll()
        {
            if (!polled.IsSet) polled.Signal();
            return null;
        }
    }

    /// <summary>A debugger stands between: the daemon answers nobody until it is let go, and is ended only if it does not answer then.</summary>
    [RootFact]
    public void WhoIsHeldByADebuggerIsLeftAloneUntilItLetsGo()
    {
        const nint seize = 0x4206; // ptrace(2); it ends with the thread that asked for it
        using var held = Process.Start(new ProcessStartInfo("/bin/sleep", ["600"]))!;
        using ManualResetEventSlim letGo = new(), ended = new(), seized = new();
        nint refused = -1;
        var debugger = new Thread(() =>
        {
            refused = Trace(seize, held.Id, 0, 0);
            seized.Set();
            letGo.Wait();
        });
        debugger.Start();
        try
        {
            seized.Wait();
            Assert.Equal(0, refused);
            var limit = TimeSpan.FromMilliseconds(120);
            using (new HangWatch(limit, () => held.Id, () => ended.Wait(Timeout.Infinite), _ => ended.Set()))
            {
                Assert.False(ended.Wait(limit * 20));
                letGo.Set();
                Assert.True(ended.Wait(_patience));
            }
        }
        finally
        {
            letGo.Set();
            debugger.Join();
            held.Kill();
        }
    }

    [LibraryImport("libc", EntryPoint = "ptrace", SetLastError = true)]
    private static partial nint Trace(nint request, int pid, nint address, nint options);
}
