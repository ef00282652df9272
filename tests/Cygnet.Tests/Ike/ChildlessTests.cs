// IKE_SAs that begin without a CHILD_SA, in every combination of the two ends' policies; what becomes of one whose first child fails. RFC 6023.
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Ike;

public sealed class ChildlessTests
{
    static bool Logged(Gateway g, string words) => g.LogLines.Any(l => l.Contains(words, StringComparison.Ordinal));

    static Pair With(ChildlessPolicy moon, ChildlessPolicy sun, int children = 1) =>
        new(children: children, change: c => c with { Childless = c.Name.StartsWith("moon", StringComparison.Ordinal) ? moon : sun });

    public static TheoryData<ChildlessPolicy, ChildlessPolicy> Policies()
    {
        var data = new TheoryData<ChildlessPolicy, ChildlessPolicy>();
        foreach (var moon in Enum.GetValues<ChildlessPolicy>())
            foreach (var sun in Enum.GetValues<ChildlessPolicy>())
                data.Add(moon, sun);
        return data;
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void With_a_child(ChildlessPolicy moon, ChildlessPolicy sun)
    {
        var pair = With(moon, sun);
        var outcome = pair.Up();
        var isChildless = sun != ChildlessPolicy.Never && moon is ChildlessPolicy.Prefer or ChildlessPolicy.Force;
        var fits = moon == ChildlessPolicy.Force ? sun != ChildlessPolicy.Never : sun != ChildlessPolicy.Force || isChildless;
        Assert.Equal(sun != ChildlessPolicy.Never, Logged(pair.Sun, "N(CHDLESS_SUP)"));
        Assert.Equal(fits, outcome.Error is null);
        if (!fits)
        {
            Assert.True(Logged(pair.Moon, moon == ChildlessPolicy.Force ? "peer does not support childless IKE_SA initiation" : "received INVALID_SYNTAX notify error"));
            pair.Settle();
            Assert.Equal(0, pair.Moon.Engine.HeldCount + pair.Sun.Engine.HeldCount);
            return;
        }
        Assert.Equal(isChildless, Logged(pair.Moon, "generating CREATE_CHILD_SA request 2"));
        Assert.Equal("net0", Assert.Single(Pair.Ike(pair.Moon).Children).Name);
        pair.ShouldAgree();
        Assert.True(pair.Carries());
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Without_a_child(ChildlessPolicy moon, ChildlessPolicy sun)
    {
        var pair = With(moon, sun);
        var outcome = new Outcome();
        pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, null, outcome));
        pair.Settle(5);
        Assert.Equal(sun != ChildlessPolicy.Never, outcome is { IsDone: true, Error: null });
        if (outcome.Error is not null) Assert.True(Logged(pair.Moon, "peer does not support childless IKE_SA initiation"));
        else Assert.Empty(Pair.Ike(pair.Moon).Children);
    }

    [Fact]
    public void A_childless_request_in_spite_of_never_is_refused_after_authentication()
    {
        var pair = With(ChildlessPolicy.Prefer, ChildlessPolicy.Allow);
        pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, pair.MoonConnection.Children[0], null));
        Assert.True(pair.Network.RunUntil(() => pair.Sun.Engine.HalfOpenCount == 1 && Logged(pair.Sun, "N(CHDLESS_SUP)"), TimeSpan.FromSeconds(5)));
        var half = pair.Sun.Engine.Snapshots().Select(s => pair.Sun.Engine.Find(s.UniqueId)!).Single();
        // between IKE_SA_INIT and IKE_AUTH the sun thinks better of it
        half.Handshake!.Candidates = [half.Handshake.Candidates[0] with { Childless = ChildlessPolicy.Never }];
        pair.Settle(5);
        Assert.True(Logged(pair.Moon, "received INVALID_SYNTAX notify error"));
        Assert.True(Logged(pair.Sun, "'childless=allow' of 'sun-moon' would accept it"));
        Assert.Empty(pair.Moon.Engine.Snapshots());
    }

    [Fact]
    public void Several_children_come_up_one_after_the_other()
    {
        var pair = With(ChildlessPolicy.Prefer, ChildlessPolicy.Allow, children: 2);
        var (first, second) = (new Outcome(), new Outcome());
        pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, pair.MoonConnection.Children[0], first));
        pair.Moon.Do(new Wish.Initiate(pair.MoonConnection, pair.MoonConnection.Children[1], second));
        pair.Settle(5);
        Assert.True(first is { IsDone: true, Error: null } && second is { IsDone: true, Error: null });
        Assert.Equal(["net0", "net1"], Pair.Ike(pair.Moon).Children.Select(c => c.Name));
        pair.ShouldAgree();
    }

    /// <summary>The wish survives an attempt that nobody answered.</summary>
    [Fact]
    public void The_child_is_not_forgotten_when_the_first_try_fails()
    {
        var pair = new Pair(change: c => c with { Childless = ChildlessPolicy.Prefer, KeyingTries = 2 });
        var dropped = 0;
        pair.Network.Filter = (_, _, _, data) => data[18] != 35 || dropped++ > 5; // IKE_AUTH of the first try
        Assert.Null(pair.Up().Error);
        Assert.True(Logged(pair.Moon, "peer not responding, trying again (2/2)"));
        Assert.Single(Pair.Ike(pair.Moon).Children);
    }

    [Theory]
    [InlineData(false, false), InlineData(true, false), InlineData(false, true), InlineData(true, true)]
    public void A_first_child_that_fails_closes_the_IKE_SA_if_that_is_wished_at_either_end(bool closesMoon, bool closesSun)
    {
        var pair = new Pair(change: c => c.Name.StartsWith("sun", StringComparison.Ordinal)
            ? c with { Children = [c.Children[0] with { LocalTs = [TrafficSelector.Subnet(Address.Parse("10.77.0.0"), 24)] }] } : c);
        pair.Moon.Engine.Settings = new() { CloseIkeOnChildFailure = closesMoon };
        pair.Sun.Engine.Settings = new() { CloseIkeOnChildFailure = closesSun };
        Assert.NotNull(pair.Up().Error);
        pair.Settle(5);
        foreach (var (g, closes) in new[] { (pair.Moon, closesMoon), (pair.Sun, closesSun) })
        {
            Assert.True(Logged(g, closes ? "closing IKE_SA due CHILD_SA setup failure" : "failed to establish CHILD_SA, keeping IKE_SA"));
            Assert.Equal(closesMoon || closesSun ? 0 : 1, g.Engine.Snapshots().Count);
        }
        Assert.False(Logged(pair.Sun, "retransmit"));
        Assert.False(Logged(pair.Moon, "retransmit"));
    }
}
