// The user-space ESP engine without I/O: the SAD behind the data plane's contract; workers carry the packets. RFC 4301 4.4.2.
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Esp;

/// <summary>
/// Control side of the engine. Control calls come from any thread and are serialised; packet threads see their outcome as published
/// objects that do not change, and never wait for them. Events are raised on the packet threads.
/// </summary>
public sealed partial class EspEngine(IDataPlaneEvents events, IRandom random, string name = "tun", int maxWorkers = 16) : IDataPlane, IDisposable
{
    // Smaller SPIs are reserved by IANA. RFC 4303 2.1.
    const uint LowestSpi = 256;

    readonly Lock _control = new();
    readonly HashSet<(SecurityProtocol, uint)> _reserved = [];
    readonly HashSet<ushort> _cpis = [];
    readonly ConcurrentDictionary<uint, InboundSa> _inbound = new();
    readonly Dictionary<(Address, uint), OutboundSa> _outbound = [];
    readonly List<EspWorker> _workers = [];
    long _generation;

    internal IDataPlaneEvents Events { get; } = events;

    internal IRandom Random { get; } = random;

    /// <summary>Counts every change of what an outbound packet may take; a worker forgets flows learnt under another.</summary>
    internal long Generation => Volatile.Read(ref _generation);

    public string Name { get; } = name;

    public bool CanSendRawEsp { get; init; } = true;

    /// <summary>Modes that the host around the engine can do: outside of tunnel mode the outer header stands for the inner one.</summary>
    public ImmutableArray<ChildMode> Modes { get; init; } = [ChildMode.Tunnel];

    /// <summary>Whether the host around the engine does something about AH.</summary>
    public bool CarriesAh { get; init; }

    /// <summary>Inner packets of this size need no fragments outside; TFC padding to the MTU goes so far.</summary>
    public int InnerMtu { get; init; } = 1400;

    /// <summary>A worker for one packet thread; there can be as many as the constructor was told.</summary>
    public EspWorker CreateWorker()
    {
        lock (_control)
        {
            if (_workers.Count == maxWorkers) throw new InvalidOperationException($"the engine was made for {maxWorkers} workers");
            var worker = new EspWorker(this, _workers.Count);
            _workers.Add(worker);
            return worker;
        }
    }

    /// <summary>Packets that all workers dropped for that reason.</summary>
    public long Dropped(DropReason reason)
    {
        lock (_control) return _workers.Sum(w => w.Dropped(reason));
    }

    public bool Supports(SecurityProtocol protocol, Transform transform) => protocol == SecurityProtocol.Esp && transform.Type switch
    {
        TransformType.Encryption or TransformType.Integrity => SelfTest.Passed(transform),
        _ => true,
    };

    public bool Supports(ChildMode mode) => Modes.Contains(mode);

    /// <summary>In the other modes only a length of its own inside would tell padding from content. RFC 4303 2.7.</summary>
    public bool TakesTfcPadding(ChildMode mode) => mode == ChildMode.Tunnel;

    public bool SupportsIpComp { get; init; }

    public bool TryReserveCpi(ushort cpi)
    {
        if (!SupportsIpComp) return false;
        lock (_control) return _cpis.Add(cpi);
    }

    public void ReleaseCpi(ushort cpi)
    {
        lock (_control) _cpis.Remove(cpi);
    }

    public PlaneRefusal? Refuses(ChildConfig child)
    {
        var (setting, change) = child switch
        {
            { Mode: ChildMode.Pass or ChildMode.Drop } => ("", ""),
            _ when !Modes.Contains(child.Mode) => ($"{child.Mode.ToString().ToLowerInvariant()} mode", "'type=tunnel' would do"),
            _ when !CarriesAh && child.Proposals.Any(p => p.Protocol == SecurityProtocol.Ah) => ("AH", "'esp=null-sha256!' or any other 'esp=' instead of 'ah=' would do"),
            { MarkIn.IsSet: true } or { MarkOut.IsSet: true } => ("marks", "leave out 'mark=', 'mark_in=' and 'mark_out='"),
            { SetMarkIn.IsSet: true } or { SetMarkOut.IsSet: true } or { MarkInSa: true } => ("marks", "leave out 'set_mark_in', 'set_mark_out' and 'mark_in_sa'"),
            { IfIdIn: not 0 } or { IfIdOut: not 0 } => ("XFRM interfaces", "leave out 'if_id_in' and 'if_id_out'"),
            { Priority: not 0 } => ("priorities of policies", "leave out 'priority'; the policy for fewer addresses comes first"),
            { Interface: not "" } => ("policies for one interface", "leave out 'interface'"),
            _ => ("", ""),
        };
        return setting.Length == 0 ? null : new($"the data plane '{Name}' does not carry {setting}", change);
    }

    public bool TryReserveSpi(SecurityProtocol protocol, uint spi)
    {
        if (spi < LowestSpi) return false;
        lock (_control) return _reserved.Add((protocol, spi));
    }

    public void ReleaseSpi(SecurityProtocol protocol, uint spi)
    {
        lock (_control)
            if (protocol != SecurityProtocol.Esp || !_inbound.ContainsKey(spi)) _reserved.Remove((protocol, spi));
    }

    public string? InstallSa(SaParameters sa)
    {
        if (Refuse(sa) is { } reason) return reason;
        try
        {
            lock (_control) return sa.Direction == SaDirection.Inbound ? InstallInbound(sa) : InstallOutbound(sa);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or CryptographicException)
        {
            return $"the SA's cipher cannot be made: {e.Message}";
        }
    }

    public string? UpdateSa(SaDirection direction, uint spi, Address peer, Endpoint local, Endpoint remote, bool udpEncapsulation, SecurityProtocol protocol = SecurityProtocol.Esp)
    {
        if (!udpEncapsulation && !CanSendRawEsp) return "this data plane cannot send ESP without UDP encapsulation";
        lock (_control)
        {
            if (Find(direction, spi, peer) is not { } sa) return $"no {Words(direction)} SA with SPI {spi:x8} is installed";
            if (sa is OutboundSa outbound && remote.Address != peer)
            {
                if (!_outbound.TryAdd((remote.Address, spi), outbound)) return $"an outbound SA with SPI {spi:x8} to {remote.Address} is installed already";
                _outbound.Remove((peer, spi));
            }
            sa.Remote = remote.Address;
            sa.Path = new(SecurityAssociation.PathOf(local, remote, udpEncapsulation));
            return null;
        }
    }

    public string? UpdateSelectors(SaDirection direction, uint spi, Address peer, ImmutableArray<TrafficSelector> localTs, ImmutableArray<TrafficSelector> remoteTs)
    {
        lock (_control)
        {
            if (Find(direction, spi, peer) is not { } sa) return $"no {Words(direction)} SA with SPI {spi:x8} is installed";
            (sa.LocalTs, sa.RemoteTs) = (localTs, remoteTs);
            return null;
        }
    }

    public void RemoveSa(SaDirection direction, uint spi, Address remote, SecurityProtocol protocol = SecurityProtocol.Esp)
    {
        SecurityAssociation? sa;
        lock (_control)
        {
            sa = Find(direction, spi, remote);
            if (sa is InboundSa)
            {
                _inbound.TryRemove(spi, out _);
                _reserved.Remove((SecurityProtocol.Esp, spi));
            }
            else if (sa is OutboundSa outbound)
            {
                _outbound.Remove((remote, spi));
                RemoveFromReqid(outbound);
            }
        }
        sa?.Retire();
    }

    public SaCounters Query(SaDirection direction, uint spi, Address remote, SecurityProtocol protocol = SecurityProtocol.Esp)
    {
        lock (_control) return Find(direction, spi, remote)?.Counters ?? default;
    }

    /// <summary>Removes every SA and clears its keys.</summary>
    public void Dispose()
    {
        lock (_control)
        {
            foreach (var sa in _inbound.Values) RemoveSa(SaDirection.Inbound, sa.Spi, sa.Remote);
            foreach (var sa in _outbound.Values.ToArray()) RemoveSa(SaDirection.Outbound, sa.Spi, sa.Remote);
        }
    }

    internal InboundSa? FindInbound(uint spi) => _inbound.GetValueOrDefault(spi);

    internal OutboundSa? FindOutbound(uint spi, Address remote)
    {
        lock (_control) return _outbound.GetValueOrDefault((remote, spi));
    }

    SecurityAssociation? Find(SaDirection direction, uint spi, Address remote) =>
        direction == SaDirection.Inbound ? _inbound.GetValueOrDefault(spi) : _outbound.GetValueOrDefault((remote, spi));

    string? Refuse(SaParameters sa)
    {
        if (sa.Protocol != SecurityProtocol.Esp) return "the user-space data plane carries ESP only, not AH";
        if (!Modes.Contains(sa.Mode)) return $"the user-space data plane carries {string.Join(", ", Modes)} mode only, not {sa.Mode}";
        if (sa.Mode == ChildMode.Beet && !(IsHost(sa.LocalTs) && IsHost(sa.RemoteTs))) return "BEET mode needs one inner address on each side";
        if (sa.Cpi != 0 && !SupportsIpComp) return "the user-space data plane does not compress";
        if (sa.Encryption is null) return "the SA has no encryption transform";
        if (sa.Spi < LowestSpi) return $"SPI {sa.Spi} is reserved";
        if (sa.Local.Address.IsIPv6 != sa.Remote.Address.IsIPv6) return $"{sa.Local.Address} and {sa.Remote.Address} are of different families";
        if (!sa.UdpEncapsulation && !CanSendRawEsp) return "this data plane cannot send ESP without UDP encapsulation";
        if (sa.ReplayWindow is < 0 or > ReplayWindow.Largest) return $"a replay window of {sa.ReplayWindow} packets; it can be 0 to {ReplayWindow.Largest}";
        return sa.LocalTs.IsDefaultOrEmpty || sa.RemoteTs.IsDefaultOrEmpty ? "the SA has no traffic selectors" : null;
    }

    static bool IsHost(ImmutableArray<TrafficSelector> selectors) => !selectors.IsDefaultOrEmpty && selectors.All(t => t.From == t.To && t.From == selectors[0].From);

    string? InstallInbound(SaParameters sa)
    {
        if (!_inbound.TryAdd(sa.Spi, new(sa, sa.Encryption!.Value, maxWorkers, Events))) return $"an inbound SA with SPI {sa.Spi:x8} is installed already";
        _reserved.Add((SecurityProtocol.Esp, sa.Spi));
        return null;
    }

    string? InstallOutbound(SaParameters sa)
    {
        if (_outbound.ContainsKey((sa.Remote.Address, sa.Spi))) return $"an outbound SA with SPI {sa.Spi:x8} to {sa.Remote.Address} is installed already";
        var installed = new OutboundSa(sa.TfcPadding < 0 ? sa with { TfcPadding = InnerMtu } : sa, sa.Encryption!.Value, maxWorkers, Events);
        _outbound.Add((sa.Remote.Address, sa.Spi), installed);
        AddToReqid(installed);
        return null;
    }

    static string Words(SaDirection direction) => direction == SaDirection.Inbound ? "inbound" : "outbound";
}
