// How long the starter waits: as the reference for a daemon that dies once, ever longer for one that cannot live.
using Cygnet.Command.Starter;

namespace Cygnet.Command.Tests;

public sealed class BackoffTests
{
    [Fact]
    public void It_doubles_up_to_a_minute_and_starts_over_once_a_daemon_has_lived()
    {
        var backoff = new Backoff();
        Assert.Equal([5, 10, 20, 40, 60, 60], Enumerable.Range(0, 6).Select(_ => backoff.After(TimeSpan.Zero).TotalSeconds));
        Assert.Equal(5, backoff.After(Backoff.Steady).TotalSeconds);
        Assert.Equal([10, 20], Enumerable.Range(0, 2).Select(_ => backoff.After(Backoff.Steady - TimeSpan.FromTicks(1)).TotalSeconds));
        Assert.Equal(5, backoff.After(TimeSpan.FromDays(100)).TotalSeconds);
    }

    [Fact]
    public void The_first_death_counts_as_one() => Assert.Equal(5, new Backoff().After(TimeSpan.FromHours(1)).TotalSeconds);
}
