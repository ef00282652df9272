// Standing policies are found by their names, and by what a packet says of itself. RFC 4301 4.4.1.
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Tests.Ike;

public sealed class StandingPoliciesTests
{
    readonly StandingPolicies _standing = new();
    int _number;

    static TrafficSelector Net(string address) => TrafficSelector.Subnet(Address.Parse(address), 24);

    StandingPolicy Add(string connection, string child, uint reqid = 0, string remote = "10.2.0.0", bool isTrap = true)
    {
        var config = new ChildConfig { Name = child };
        var policy = new StandingPolicy(new() { Name = connection, Children = [config] }, config,
            new() { Reqid = reqid, LocalTs = [Net("10.1.0.0")], RemoteTs = [Net(remote)], IsTrap = isTrap, Mode = isTrap ? ChildMode.Tunnel : ChildMode.Pass }, ++_number, holdsReqid: false);
        _standing.Add(policy);
        return policy;
    }

    StandingPolicy? Trap(uint reqid, string remote) => _standing.Trap(reqid, Net("10.1.0.0"), Net(remote));

    [Fact]
    public void The_names_are_those_of_the_newest()
    {
        var old = Add("gw", "net");
        Assert.Same(old, _standing.Find("gw", "net"));
        var @new = Add("gw", "net");
        Assert.Same(@new, _standing.Find("gw", "net"));
        Assert.Equal(2, _standing.Count);
        _standing.Remove(old);
        Assert.Same(@new, _standing.Find("gw", "net"));
        _standing.Remove(@new);
        Assert.Null(_standing.Find("gw", "net"));
        Assert.Equal(0, _standing.Count);
        Assert.Empty(_standing.All);
    }

    [Fact]
    public void A_trap_is_found_by_its_request_id_and_selectors_the_oldest_first()
    {
        StandingPolicy a = Add("gw", "a", 7), b = Add("gw", "b", 7, "10.3.0.0"), again = Add("other", "a", 7), shunt = Add("gw", "pass", 7, "10.4.0.0", isTrap: false);
        Assert.Same(a, Trap(7, "10.2.0.0"));
        Assert.Same(b, Trap(7, "10.3.0.0"));
        Assert.Null(Trap(7, "10.4.0.0"));
        Assert.Null(Trap(8, "10.2.0.0"));
        _standing.Remove(a);
        _standing.Remove(a);
        Assert.Same(again, Trap(7, "10.2.0.0"));
        _standing.Remove(again);
        Assert.Null(Trap(7, "10.2.0.0"));
        Assert.Same(b, Trap(7, "10.3.0.0"));
        Assert.Equal([b, shunt], _standing.All.OrderBy(p => p.UniqueId));
    }

    [Fact]
    public void Those_of_a_connection_of_a_child_or_of_both_are_asked_for()
    {
        StandingPolicy a = Add("one", "net"), b = Add("one", "web"), c = Add("two", "net");
        Assert.Equal([a, b], _standing.Named("one", null).OrderBy(p => p.UniqueId));
        Assert.Equal([a, c], _standing.Named(null, "net").OrderBy(p => p.UniqueId));
        Assert.Equal([c], _standing.Named("two", "net"));
        Assert.Empty(_standing.Named("two", "web"));
        Assert.Equal([a, b, c], _standing.Named(null, null).OrderBy(p => p.UniqueId));
    }
}
