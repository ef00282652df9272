// A data plane that takes what another one takes, until it is told not to.
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Tests.Sim;

public sealed class RefusingPlane(IDataPlane inner) : IDataPlane
{
    public bool RefusesInbound { get; set; }
    public bool RefusesOutbound { get; set; }
    public bool RefusesPolicies { get; set; }

    public string Name => inner.Name;
    public bool SupportsIpComp => inner.SupportsIpComp;
    public bool CanSendRawEsp => inner.CanSendRawEsp;
    public bool Supports(SecurityProtocol protocol, Transform transform) => inner.Supports(protocol, transform);
    public bool Supports(ChildMode mode) => inner.Supports(mode);
    public bool TakesTfcPadding(ChildMode mode) => inner.TakesTfcPadding(mode);
    public PlaneRefusal? Refuses(ChildConfig child) => inner.Refuses(child);
    public bool TryReserveSpi(SecurityProtocol protocol, uint spi) => inner.TryReserveSpi(protocol, spi);
    public void ReleaseSpi(SecurityProtocol protocol, uint spi) => inner.ReleaseSpi(protocol, spi);
    public bool TryReserveCpi(ushort cpi) => inner.TryReserveCpi(cpi);
    public void ReleaseCpi(ushort cpi) => inner.ReleaseCpi(cpi);

    public string? InstallSa(SaParameters sa) => (sa.Direction == SaDirection.Inbound ? RefusesInbound : RefusesOutbound) ? "no buffer space" : inner.InstallSa(sa);

    public string? UpdateSa(SaDirection direction, uint spi, Address peer, Endpoint local, Endpoint remote, bool udpEncapsulation, SecurityProtocol protocol = SecurityProtocol.Esp) =>
        inner.UpdateSa(direction, spi, peer, local, remote, udpEncapsulation, protocol);

    public string? UpdateSelectors(SaDirection direction, uint spi, Address peer, ImmutableArray<TrafficSelector> localTs, ImmutableArray<TrafficSelector> remoteTs) =>
        inner.UpdateSelectors(direction, spi, peer, localTs, remoteTs);

    public void RemoveSa(SaDirection direction, uint spi, Address remote, SecurityProtocol protocol = SecurityProtocol.Esp) => inner.RemoveSa(direction, spi, remote, protocol);

    public SaCounters Query(SaDirection direction, uint spi, Address remote, SecurityProtocol protocol = SecurityProtocol.Esp) => inner.Query(direction, spi, remote, protocol);

    public string? InstallPolicy(PolicyParameters policy) => RefusesPolicies ? "no room for policies" : inner.InstallPolicy(policy);

    public void RemovePolicy(PolicyParameters policy) => inner.RemovePolicy(policy);
}
