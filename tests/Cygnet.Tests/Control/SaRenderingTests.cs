// What list-sa says of an IKE_SA and its children that the daemon holds.
using Cygnet.Control;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Control;

public sealed class SaRenderingTests
{
    static ViciSection Shown(Gateway g, Pair pair) => Assert.Single(SaRendering.ListSa(Pair.Ike(g), pair.Network.Now, _ => true)).Section(Pair.Ike(g).Name)!;

    static ViciSection Child(ViciSection ike) => ike.Section("child-sas")!.Sections.Single();

    static Pair WithPpk(bool peerHas)
    {
        byte[] ppk = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
        var pair = new Pair(change: c => c with { PpkId = "shared" });
        pair.Moon.Engine.Configure(new(pair.Moon.Connections, new OneSecret { Ppk = ppk }));
        pair.Sun.Engine.Configure(new(pair.Sun.Connections, new OneSecret { Ppk = peerHas ? ppk : null }));
        Assert.Null(pair.Up().Error);
        return pair;
    }

    [Fact]
    public void A_PPK_that_went_into_the_keys_is_named_and_stays_through_rekeying()
    {
        var pair = WithPpk(peerHas: true);
        Assert.Equal("yes", Shown(pair.Moon, pair).Text("ppk"));
        Assert.Equal("yes", Shown(pair.Sun, pair).Text("ppk"));
        pair.Sun.Do(new Wish.RekeyIke(Pair.Ike(pair.Sun).UniqueId, false));
        pair.Settle();
        Assert.Equal(2, Pair.Ike(pair.Moon).UniqueId);
        Assert.Equal("yes", Shown(pair.Moon, pair).Text("ppk"));
        Assert.Equal("yes", Shown(pair.Sun, pair).Text("ppk"));
    }

    [Fact]
    public void One_that_the_peer_did_not_use_is_not()
    {
        var pair = WithPpk(peerHas: false);
        Assert.False(Shown(pair.Moon, pair).Has("ppk"));
        Assert.False(Shown(pair.Sun, pair).Has("ppk"));
    }

    [Fact]
    public void XFRM_interfaces_of_the_connection_are_those_of_the_IKE_SA_and_all_its_children()
    {
        var pair = new Pair(children: 2, change: c => c.Name == "sun-moon" ? c : c with
        {
            IfIdIn = 7, IfIdOut = ChildConfig.UniqueIfId,
            Children =
            [
                c.Children[0] with { IfIdIn = 7, InheritsIfIdIn = true, IfIdOut = ChildConfig.UniqueIfId, InheritsIfIdOut = true },
                c.Children[1] with { IfIdIn = 9, IfIdOut = ChildConfig.UniqueIfId, InheritsIfIdOut = true },
            ],
        });
        Assert.Null(pair.Up().Error);
        Assert.Null(pair.Up(1).Error);
        var ike = Shown(pair.Moon, pair);
        Assert.Equal(("00000007", "00000001"), (ike.Text("if-id-in"), ike.Text("if-id-out")));
        Assert.Equal(["00000007 00000001", "00000009 00000001"], ike.Section("child-sas")!.Sections.Select(s => $"{s.Text("if-id-in")} {s.Text("if-id-out")}"));
        pair.Moon.Do(new Wish.RekeyIke(Pair.Ike(pair.Moon).UniqueId, false));
        pair.Settle();
        Assert.Equal("00000001", Shown(pair.Moon, pair).Text("if-id-out"));
        Assert.False(Shown(pair.Sun, pair).Has("if-id-in"));
    }

    [Fact]
    public void New_interfaces_of_a_child_are_its_own()
    {
        var pair = new Pair(children: 2, change: c => c.Name == "sun-moon" ? c : c with { Children = [.. c.Children.Select(k => k with { IfIdIn = ChildConfig.UniqueIfId, IfIdOut = ChildConfig.UniqueIfIdPerDirection })] });
        Assert.Null(pair.Up().Error);
        Assert.Null(pair.Up(1).Error);
        var ike = Shown(pair.Moon, pair);
        Assert.False(ike.Has("if-id-in"));
        Assert.Equal(["00000001 00000002", "00000003 00000004"], ike.Section("child-sas")!.Sections.Select(s => $"{s.Text("if-id-in")} {s.Text("if-id-out")}"));
    }

    [Fact]
    public void A_NAT_that_is_only_faked_counts_as_some_NAT()
    {
        var pair = Pair.Established(change: c => c with { ForceEncaps = c.Name == "moon-sun" });
        var moon = Shown(pair.Moon, pair);
        Assert.Equal("yes", moon.Text("nat-any"));
        Assert.Equal("yes", Child(moon).Text("encap"));
    }
}
