// A clock that jumps: timers go by the time that passes, whatever the clock on the wall says.
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class ClockTests
{
    [Theory]
    [InlineData(-3000)]
    [InlineData(3650)]
    public void A_jump_of_the_wall_clock_moves_no_timer(int days)
    {
        Pair steady = Pair.Established(seed: 11, change: Renewed), jumping = Pair.Established(seed: 11, change: Renewed);
        foreach (var gateway in (Gateway[])[jumping.Moon, jumping.Sun]) gateway.WallOffset = TimeSpan.FromDays(days);
        Assert.NotEqual(steady.Moon.WallTime, jumping.Moon.WallTime);
        // through several rekeyings of both kinds of SA
        foreach (var pair in (Pair[])[steady, jumping]) pair.Settle(seconds: 6 * 3600);
        IkeSnapshot expected = Pair.Ike(steady.Moon), actual = Pair.Ike(jumping.Moon);
        Assert.NotEqual(1, expected.UniqueId);
        Assert.Equal((expected.UniqueId, expected.Established, expected.RekeyAt, expected.ReauthAt), (actual.UniqueId, actual.Established, actual.RekeyAt, actual.ReauthAt));
        Assert.Equal(expected.Children.Select(c => (c.UniqueId, c.SpiIn, c.SpiOut)), actual.Children.Select(c => (c.UniqueId, c.SpiIn, c.SpiOut)));
        Assert.True(jumping.Carries());
        jumping.ShouldAgree();
        jumping.ShouldHaveNoFaults();
    }

    static Connection Renewed(Connection c) => c with
    {
        RekeyTime = TimeSpan.FromHours(1),
        Children = [.. c.Children.Select(child => child with { Lifetimes = new(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(2)) })],
    };
}
