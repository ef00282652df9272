// Virtual time and a network that loses, delays, doubles and reorders, with NATs that forget. One seed replays everything.
using System.Security.Cryptography;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Tests.Sim;

public enum PacketKind : byte { Ike, Esp, EspInUdp, Keepalive }

public sealed class Network(ulong seed)
{
    readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    readonly Dictionary<Address, Gateway> _gateways = [];
    readonly IncrementalHash _trace = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    long _order;

    public SeededRandom Random { get; } = new(seed);
    public Instant Now { get; private set; } = new(1000);

    public double Loss { get; set; }
    public double Duplication { get; set; }

    /// <summary>Every packet takes 1 ms up to this; different delays are what reorders.</summary>
    public int MostDelay { get; set; } = 1;

    /// <summary>Called for each packet; false drops it. For scenes that lose a certain one.</summary>
    public Func<PacketKind, Endpoint, Endpoint, byte[], bool>? Filter { get; set; }

    public long Packets { get; private set; }

    public IReadOnlyCollection<Gateway> Gateways => [.. _gateways.Values.Distinct()];

    public Gateway Add(string name, string address, Nat? nat = null)
    {
        var gateway = new Gateway(this, name, Address.Parse(address), nat);
        _gateways[gateway.Address] = gateway;
        if (nat is not null) _gateways[nat.Outside] = gateway;
        return gateway;
    }

    internal void Route(Address address, Gateway to) => _gateways[address] = to;

    internal void Forget(Address address) => _gateways.Remove(address);

    public void At(TimeSpan after, Action action) => _events.Enqueue(action, (Now.Milliseconds + (long)after.TotalMilliseconds, _order++));

    /// <summary>Runs everything that is due within the span.</summary>
    public void Run(TimeSpan span)
    {
        var end = Now + span;
        while (_events.TryPeek(out var next, out var entry) && entry.At <= end.Milliseconds)
        {
            _events.Dequeue();
            Now = new(Math.Max(Now.Milliseconds, entry.At));
            next();
        }
        Now = end;
    }

    /// <summary>Runs until the condition holds; false if it does not within the span.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan most)
    {
        var end = Now + most;
        while (!condition())
        {
            if (!_events.TryPeek(out var next, out var entry) || entry.At > end.Milliseconds) return false;
            _events.Dequeue();
            Now = new(Math.Max(Now.Milliseconds, entry.At));
            next();
        }
        return true;
    }

    internal void Send(PacketKind kind, Gateway from, Endpoint source, Endpoint destination, byte[] data)
    {
        if (!from.Addresses.Contains(source.Address)) return; // the kernel does not send from an address that is gone
        Packets++;
        Note(kind, source, destination, data);
        if (from.Nat is { } nat) source = nat.Translate(source);
        if (Filter is { } filter && !filter(kind, source, destination, data)) return;
        var copies = Random.Chance(Loss) ? 0 : Random.Chance(Duplication) ? 2 : 1;
        for (var i = 0; i < copies; i++)
            At(TimeSpan.FromMilliseconds(1 + Random.Below(MostDelay)), () => Deliver(kind, source, destination, data));
    }

    /// <summary>What comes out of the network at the destination, whoever put it in.</summary>
    public void Deliver(PacketKind kind, Endpoint source, Endpoint destination, byte[] data)
    {
        if (!_gateways.TryGetValue(destination.Address, out var to) || to.Nat is { } wall && destination.Address != wall.Outside) return;
        var arrived = destination;
        if (to.Nat is { } inside && destination.Address == inside.Outside)
        {
            if (inside.TranslateBack(destination) is not { } mapped) return;
            arrived = mapped;
        }
        to.Arrive(kind, arrived, source, data);
    }

    /// <summary>A digest of every packet sent so far, in order.</summary>
    public string Trace() => Convert.ToHexString(_trace.GetCurrentHash());

    void Note(PacketKind kind, Endpoint source, Endpoint destination, byte[] data)
    {
        Span<byte> head = stackalloc byte[9];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(head, Now.Milliseconds);
        head[8] = (byte)kind;
        _trace.AppendData(head);
        _trace.AppendData(source.Address.ToBytes());
        _trace.AppendData(destination.Address.ToBytes());
        _trace.AppendData(data);
    }
}

/// <summary>A NAT in front of one gateway: inside ports get outside ports, until it forgets them.</summary>
public sealed class Nat(string outside)
{
    readonly Dictionary<ushort, ushort> _out = [], _back = [];
    Address _inside;
    ushort _next = 20_000;

    public Address Outside { get; } = Address.Parse(outside);

    public Endpoint Translate(Endpoint source)
    {
        _inside = source.Address;
        if (!_out.TryGetValue(source.Port, out var port))
        {
            port = _next++;
            _out[source.Port] = port;
            _back[port] = source.Port;
        }
        return new(Outside, port);
    }

    public Endpoint? TranslateBack(Endpoint destination) => _back.TryGetValue(destination.Port, out var port) ? new(_inside, port) : null;

    /// <summary>A reboot: all mappings are new from now on.</summary>
    public void Forget()
    {
        _out.Clear();
        _back.Clear();
    }
}
