// A thread that waits is woken, once for each wait, whoever comes first.
using Cygnet.Linux;

namespace Cygnet.Linux.Tests;

public sealed class WakeUpTests
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public void What_came_before_the_wait_ends_it()
    {
        var wake = new WakeUp();
        wake.Set();
        wake.Set();
        wake.Wait(-1); // for ever, if it did not
        wake.Wait(1);
        wake.Wait(0);
    }

    [Fact]
    public void No_wake_up_is_lost_between_two_threads()
    {
        const int rounds = 20_000;
        var (there, back) = (new WakeUp(), new WakeUp());
        var (sent, seen) = (0, 0);
        var other = new Thread(() =>
        {
            for (var round = 1; round <= rounds; round++)
            {
                while (Volatile.Read(ref sent) < round) there.Wait(-1);
                Volatile.Write(ref seen, round);
                back.Set();
            }
        }) { IsBackground = true };
        var one = new Thread(() =>
        {
            for (var round = 1; round <= rounds; round++)
            {
                Volatile.Write(ref sent, round);
                there.Set();
                while (Volatile.Read(ref seen) < round) back.Wait(round % 2 == 0 ? -1 : 60_000);
            }
        }) { IsBackground = true };
        other.Start();
        one.Start();
        Assert.True(one.Join(Patience), $"stuck after {seen} of {rounds}");
        Assert.True(other.Join(Patience));
    }
}
