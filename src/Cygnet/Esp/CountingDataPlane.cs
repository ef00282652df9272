// A data plane that carries nothing and counts: for load, and to find leaked SAs, SPIs and policies.
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Esp;

/// <summary>Accepts everything that a well-behaved caller may ask; thread safe.</summary>
public sealed class CountingDataPlane : IDataPlane
{
    // Small values, for a hundred thousand SAs: an SPI of ours with its protocol above it; one of a peer with its address.
    readonly Dictionary<ulong, bool> _inbound = []; // true: installed, not only reserved
    readonly HashSet<(uint Spi, Address Peer)> _outbound = [];
    readonly Dictionary<PolicyParameters, int> _policies = new(PolicyEquality.Instance);
    readonly HashSet<ushort> _cpis = [];
    readonly Lock _lock = new();
    int _inboundInstalled;
    long _installed, _removed, _faults;

    /// <summary>SAs installed ever, both directions.</summary>
    public long SasInstalled => Interlocked.Read(ref _installed);

    /// <summary>SAs removed ever.</summary>
    public long SasRemoved => Interlocked.Read(ref _removed);

    /// <summary>SAs installed now.</summary>
    public int Sas
    {
        get
        {
            lock (_lock) return _inboundInstalled + _outbound.Count;
        }
    }

    /// <summary>Policies installed now, each counted once.</summary>
    public int Policies
    {
        get
        {
            lock (_lock) return _policies.Count;
        }
    }

    /// <summary>SPIs reserved now, those of installed inbound SAs included.</summary>
    public int ReservedSpis
    {
        get
        {
            lock (_lock) return _inbound.Count;
        }
    }

    /// <summary>Calls that a well-behaved caller does not make: an SA installed twice, one removed or updated that is not there.</summary>
    public long Faults => Interlocked.Read(ref _faults);

    /// <summary>CPIs reserved now.</summary>
    public int ReservedCpis
    {
        get
        {
            lock (_lock) return _cpis.Count;
        }
    }

    /// <summary>Whether nothing is left: no SA, no SPI, no CPI, no policy.</summary>
    public bool IsEmpty => Sas == 0 && Policies == 0 && ReservedSpis == 0 && ReservedCpis == 0;

    public string Name => "fake";

    public bool CanSendRawEsp => true;

    public bool Supports(SecurityProtocol protocol, Transform transform) => protocol is SecurityProtocol.Esp or SecurityProtocol.Ah;

    public bool Supports(ChildMode mode) => mode is ChildMode.Tunnel or ChildMode.Transport or ChildMode.Beet;

    public bool TakesTfcPadding(ChildMode mode) => mode == ChildMode.Tunnel;

    public bool SupportsIpComp => true;

    public PlaneRefusal? Refuses(ChildConfig child) => null;

    public bool TryReserveCpi(ushort cpi)
    {
        lock (_lock) return _cpis.Add(cpi);
    }

    public void ReleaseCpi(ushort cpi)
    {
        lock (_lock)
            if (!_cpis.Remove(cpi)) _faults++;
    }

    public bool TryReserveSpi(SecurityProtocol protocol, uint spi)
    {
        lock (_lock) return _inbound.TryAdd(Key(protocol, spi), false);
    }

    public void ReleaseSpi(SecurityProtocol protocol, uint spi)
    {
        lock (_lock)
            if (!_inbound.Remove(Key(protocol, spi))) _faults++;
    }

    public string? InstallSa(SaParameters sa)
    {
        lock (_lock)
        {
            var isNew = sa.Direction == SaDirection.Outbound ? _outbound.Add((sa.Spi, sa.Remote.Address)) : !_inbound.GetValueOrDefault(Key(sa.Protocol, sa.Spi));
            if (!isNew)
            {
                _faults++;
                return "an SA with this SPI is installed already";
            }
            if (sa.Direction == SaDirection.Inbound)
            {
                _inbound[Key(sa.Protocol, sa.Spi)] = true;
                _inboundInstalled++;
            }
            _installed++;
            return null;
        }
    }

    public string? UpdateSa(SaDirection direction, uint spi, Address peer, Endpoint local, Endpoint remote, bool udpEncapsulation, SecurityProtocol protocol = SecurityProtocol.Esp)
    {
        lock (_lock)
        {
            if (direction == SaDirection.Inbound ? InstalledKey(spi) is not null : _outbound.Remove((spi, peer)))
            {
                if (direction == SaDirection.Outbound) _outbound.Add((spi, remote.Address));
                return null;
            }
            _faults++;
            return "no SA with this SPI is installed";
        }
    }

    public void RemoveSa(SaDirection direction, uint spi, Address remote, SecurityProtocol protocol = SecurityProtocol.Esp)
    {
        lock (_lock)
        {
            if (direction == SaDirection.Inbound && InstalledKey(spi) is { } key)
            {
                _inbound.Remove(key);
                _inboundInstalled--;
            }
            else if (direction == SaDirection.Inbound || !_outbound.Remove((spi, remote)))
            {
                _faults++;
                return;
            }
            _removed++;
        }
    }

    public SaCounters Query(SaDirection direction, uint spi, Address remote, SecurityProtocol protocol = SecurityProtocol.Esp) => default;

    public string? InstallPolicy(PolicyParameters policy)
    {
        lock (_lock) _policies[policy] = _policies.GetValueOrDefault(policy) + 1;
        return null;
    }

    public void RemovePolicy(PolicyParameters policy)
    {
        lock (_lock)
        {
            var references = _policies.GetValueOrDefault(policy);
            if (references == 0) _faults++;
            else if (references == 1) _policies.Remove(policy);
            else _policies[policy] = references - 1;
        }
    }

    /// <summary>The inbound SA with that SPI, of whichever protocol.</summary>
    ulong? InstalledKey(uint spi) =>
        _inbound.GetValueOrDefault(Key(SecurityProtocol.Esp, spi)) ? Key(SecurityProtocol.Esp, spi)
        : _inbound.GetValueOrDefault(Key(SecurityProtocol.Ah, spi)) ? Key(SecurityProtocol.Ah, spi) : null;

    static ulong Key(SecurityProtocol protocol, uint spi) => (ulong)protocol << 32 | spi;
}
