// The in-memory planes that tests and the simulator stand on.
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Tests.Esp;

public sealed class FakeDataPlaneTests
{
    [Fact]
    public void TwoPlanesTalkAndNothingShowsOnTheWire()
    {
        var a = new EspEnd("192.0.2.1", "10.1.0.0/16");
        var b = new EspEnd("192.0.2.2", "10.2.0.0/16");
        FakeDataPlane? left = null, right = null;
        left = new(a.Events, new SeededBytes(1), (path, esp) => right!.Receive(new(path.Remote, path.Local, path.UdpEncapsulation), esp));
        right = new(b.Events, new SeededBytes(2), (path, esp) => left.Receive(new(path.Remote, path.Local, path.UdpEncapsulation), esp));
        Assert.Null(left.InstallSa(a.Sa(SaDirection.Outbound, b, 0x1000, 1)));
        Assert.Null(right.InstallSa(b.Sa(SaDirection.Inbound, a, 0x1000, 1)));
        left.InstallPolicy(a.Policy(b, 1));
        var packet = InnerPackets.Echo("10.1.0.1", "10.2.0.1");
        left.SendInner(packet);
        left.SendInner(InnerPackets.Echo("10.1.0.1", "10.9.0.1"));
        Assert.Equal(packet, Assert.Single(right.Delivered));
        Assert.Equal(1, left.SentPackets);
        Assert.Single(left.Sent);
        Assert.Equal(0, left.Leaks);
        Assert.Equal(1ul, right.Query(SaDirection.Inbound, 0x1000, default).Packets);
    }

    [Fact]
    public void PlaintextOnTheWireIsALeak()
    {
        var a = new EspEnd("192.0.2.1", "10.1.0.0/16");
        var b = new EspEnd("192.0.2.2", "10.2.0.0/16");
        var plane = new FakeDataPlane(a.Events, new SeededBytes(1), (_, _) => { });
        var packet = InnerPackets.Echo("10.1.0.1", "10.2.0.1");
        Assert.Null(plane.InstallSa(a.Sa(SaDirection.Outbound, b, 0x1000, 1)));
        var path = new EspPath(a.Endpoint, b.Endpoint, true);
        Assert.True(plane.IsLeak(path, packet, packet));
        Assert.True(plane.IsLeak(path, [0, 0, 0x10, 0, 0, 0, 0, 1, .. packet], packet));
        Assert.False(plane.IsLeak(path, [0, 0, 0x10, 0, 0, 0, 0, 1, .. new byte[100]], packet));
        Assert.True(plane.IsLeak(path, [0, 0, 0x10, 1, 0, 0, 0, 1, .. new byte[100]], packet));
    }

    [Fact]
    public void TheCountingPlaneKnowsWhatIsLeft()
    {
        var a = new EspEnd("192.0.2.1", "10.1.0.0/16");
        var plane = new CountingDataPlane();
        Assert.True(plane.TryReserveSpi(SecurityProtocol.Esp, 0x1000));
        Assert.True(plane.TryReserveSpi(SecurityProtocol.Esp, 0x1001));
        Assert.False(plane.TryReserveSpi(SecurityProtocol.Esp, 0x1000));
        Assert.Null(plane.InstallSa(a.Sa(SaDirection.Inbound, a, 0x1000, 1)));
        Assert.Null(plane.InstallSa(a.Sa(SaDirection.Outbound, a, 0x1000, 1)));
        Assert.NotNull(plane.InstallSa(a.Sa(SaDirection.Outbound, a, 0x1000, 1)));
        plane.InstallPolicy(a.Policy(a, 1));
        plane.InstallPolicy(a.Policy(a, 1));
        Assert.Equal((2, 1, 2, 1L), (plane.Sas, plane.Policies, plane.ReservedSpis, plane.Faults));
        var moved = new Endpoint(Address.Parse("203.0.113.1"), 4500);
        Assert.Null(plane.UpdateSa(SaDirection.Outbound, 0x1000, a.Endpoint.Address, a.Endpoint, moved, true));
        plane.RemoveSa(SaDirection.Outbound, 0x1000, moved.Address);
        plane.RemoveSa(SaDirection.Inbound, 0x1000, a.Endpoint.Address);
        plane.ReleaseSpi(SecurityProtocol.Esp, 0x1001);
        plane.RemovePolicy(a.Policy(a, 1));
        Assert.False(plane.IsEmpty);
        plane.RemovePolicy(a.Policy(a, 1));
        Assert.True(plane.IsEmpty);
        Assert.Equal((2L, 2L, 1L), (plane.SasInstalled, plane.SasRemoved, plane.Faults));
    }
}
