// A data plane that carries nothing and counts: for load, and to find leaked SAs, SPIs and policies.
using System.Collections.Concurrent;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Esp;

/// <summary>Accepts everything that a well-behaved caller may ask; thread safe.</summary>
public sealed class CountingDataPlane : IDataPlane
{
    readonly ConcurrentDictionary<(SecurityProtocol, uint), bool> _reserved = new();
    readonly ConcurrentDictionary<(SaDirection, uint, Address), uint> _sas = new();
    readonly Dictionary<PolicyParameters, int> _policies = new(PolicyEquality.Instance);
    readonly Lock _policyLock = new();
    long _installed, _removed, _faults;

    /// <summary>SAs installed ever, both directions.</summary>
    public long SasInstalled => Interlocked.Read(ref _installed);

    /// <summary>SAs removed ever.</summary>
    public long SasRemoved => Interlocked.Read(ref _removed);

    /// <summary>SAs installed now.</summary>
    public int Sas => _sas.Count;

    /// <summary>Policies installed now, each counted once.</summary>
    public int Policies
    {
        get
        {
            lock (_policyLock) return _policies.Count;
        }
    }

    /// <summary>SPIs reserved now, those of installed inbound SAs included.</summary>
    public int ReservedSpis => _reserved.Count;

    /// <summary>Calls that a well-behaved caller does not make: an SA installed twice, one removed or updated that is not there.</summary>
    public long Faults => Interlocked.Read(ref _faults);

    /// <summary>Whether nothing is left: no SA, no SPI, no policy.</summary>
    public bool IsEmpty => Sas == 0 && Policies == 0 && ReservedSpis == 0;

    public string Name => "fake";

    public bool CanSendRawEsp => true;

    public bool Supports(SecurityProtocol protocol, Transform transform) => protocol is SecurityProtocol.Esp or SecurityProtocol.Ah;

    public bool TryReserveSpi(SecurityProtocol protocol, uint spi) => _reserved.TryAdd((protocol, spi), true);

    public void ReleaseSpi(SecurityProtocol protocol, uint spi)
    {
        if (!_reserved.TryRemove((protocol, spi), out _)) Interlocked.Increment(ref _faults);
    }

    public string? InstallSa(SaParameters sa)
    {
        if (!_sas.TryAdd(Key(sa.Direction, sa.Spi, sa.Remote.Address), sa.Reqid))
        {
            Interlocked.Increment(ref _faults);
            return "an SA with this SPI is installed already";
        }
        if (sa.Direction == SaDirection.Inbound) _reserved[(sa.Protocol, sa.Spi)] = true;
        Interlocked.Increment(ref _installed);
        return null;
    }

    public string? UpdateSa(SaDirection direction, uint spi, Address peer, Endpoint local, Endpoint remote, bool udpEncapsulation)
    {
        if (!_sas.TryRemove(Key(direction, spi, peer), out var reqid))
        {
            Interlocked.Increment(ref _faults);
            return "no SA with this SPI is installed";
        }
        _sas[Key(direction, spi, remote.Address)] = reqid;
        return null;
    }

    public void RemoveSa(SaDirection direction, uint spi, Address remote)
    {
        if (!_sas.TryRemove(Key(direction, spi, remote), out _))
        {
            Interlocked.Increment(ref _faults);
            return;
        }
        if (direction == SaDirection.Inbound && !_reserved.TryRemove((SecurityProtocol.Esp, spi), out _)) _reserved.TryRemove((SecurityProtocol.Ah, spi), out _);
        Interlocked.Increment(ref _removed);
    }

    public SaCounters Query(SaDirection direction, uint spi, Address remote) => default;

    public string? InstallPolicy(PolicyParameters policy)
    {
        lock (_policyLock) _policies[policy] = _policies.GetValueOrDefault(policy) + 1;
        return null;
    }

    public void RemovePolicy(PolicyParameters policy)
    {
        lock (_policyLock)
        {
            var references = _policies.GetValueOrDefault(policy);
            if (references == 0) Interlocked.Increment(ref _faults);
            else if (references == 1) _policies.Remove(policy);
            else _policies[policy] = references - 1;
        }
    }

    // An inbound SPI is ours and unique; an outbound one is named with its peer.
    static (SaDirection, uint, Address) Key(SaDirection direction, uint spi, Address remote) =>
        (direction, spi, direction == SaDirection.Inbound ? default : remote);
}
