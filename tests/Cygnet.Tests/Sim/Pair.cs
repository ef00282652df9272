// Two gateways and what they say about each other: tests of the protocol read as scenes on this.
using System.Buffers.Binary;
using System.Collections.Immutable;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Tests.Sim;

public sealed class Pair
{
    public const string MoonAddress = "192.0.2.1", SunAddress = "192.0.2.2";

    public Pair(ulong seed = 1, Nat? nat = null, Func<Connection, Connection>? change = null, int children = 1)
    {
        Network = new(seed);
        Moon = Network.Add("moon", MoonAddress, nat);
        Sun = Network.Add("sun", SunAddress);
        MoonConnection = Configure(Moon, Sun, 1, 2, children, change ?? (c => c), remote: SunAddress);
        SunConnection = Configure(Sun, Moon, 2, 1, children, change ?? (c => c), remote: nat is null ? MoonAddress : "%any");
    }

    public Network Network { get; }
    public Gateway Moon { get; }
    public Gateway Sun { get; }
    public Connection MoonConnection { get; private set; }
    public Connection SunConnection { get; private set; }

    public static Pair Established(ulong seed = 1, Nat? nat = null, Func<Connection, Connection>? change = null, int children = 1)
    {
        var pair = new Pair(seed, nat, change, children);
        pair.Up();
        return pair;
    }

    /// <summary>Brings the first child up from the moon and lets things settle.</summary>
    public Outcome Up(int child = 0)
    {
        var outcome = new Outcome();
        Moon.Do(new Wish.Initiate(MoonConnection, MoonConnection.Children[child], outcome));
        Network.RunUntil(() => outcome.IsDone, TimeSpan.FromMinutes(10));
        Network.Run(TimeSpan.FromSeconds(1));
        return outcome;
    }

    public void Settle(int seconds = 60) => Network.Run(TimeSpan.FromSeconds(seconds));

    /// <summary>
    /// A change of a connection: so many additional key exchanges for the IKE_SA and its children, those of <paramref name="optional"/> or more
    /// may be left out; the children get a first one too.
    /// </summary>
    public static Func<Connection, Connection> Rounds(int count, int optional = 8)
    {
        ushort[] methods = [Ke.MlKem768, Ke.Ecp384, Ke.Curve448, Ke.MlKem512, Ke.Ecp521, Ke.MlKem1024];
        var rounds = Enumerable.Range(0, count).SelectMany(i =>
        {
            var round = new Transform(TransformType.AdditionalKeyExchange1 + (byte)i, methods[i]);
            return i + 1 >= optional ? (Transform[])[round, round with { Id = Ke.None }] : [round];
        }).ToArray();
        Transform first = new(TransformType.KeyExchange, Ke.Curve25519);
        return c => count == 0 ? c : c with
        {
            Proposals = [.. c.Proposals.Select(p => p with { Transforms = p.Transforms.AddRange(rounds) })],
            Children = [.. c.Children.Select(k => k with { Proposals = [.. k.Proposals.Select(p => p with { Transforms = [.. p.Transforms, first, .. rounds] })] })],
        };
    }

    /// <summary>The one established IKE_SA of a gateway.</summary>
    public static IkeSnapshot Ike(Gateway g) => Assert.Single(g.Engine.Snapshots(), s => s.State == IkeState.Established);

    public static Connection Configure(Gateway me, Gateway peer, int myNet, int peerNet, int children, Func<Connection, Connection> change, string remote)
    {
        Transform[] ike = [new(TransformType.Encryption, Encr.AesGcm16, 128), new(TransformType.Prf, PrfId.HmacSha256), new(TransformType.KeyExchange, Ke.Curve25519), new(TransformType.KeyExchange, Ke.Ecp256)];
        Transform[] esp = [new(TransformType.Encryption, Encr.AesGcm16, 128), new(TransformType.ExtendedSequenceNumbers, 0)];
        var connection = change(new Connection
        {
            Name = $"{me.Name}-{peer.Name}", Version = IkeVersion.V2, LocalAddrs = [me.Address.ToString()], RemoteAddrs = [remote],
            Proposals = [new(SecurityProtocol.Ike, [.. ike])], Unique = UniquePolicy.Replace, KeyingTries = 1,
            RekeyTime = TimeSpan.Zero, ReauthTime = TimeSpan.Zero, OverTime = TimeSpan.FromMinutes(9), RandTime = TimeSpan.Zero, DpdDelay = TimeSpan.Zero,
            Local = [new() { Class = AuthClass.Psk, Id = Identity.Parse($"@{me.Name}.example") }],
            Remote = [new() { Class = AuthClass.Psk, Id = Identity.Parse($"@{peer.Name}.example") }],
            Children = [.. Enumerable.Range(0, children).Select(i => new ChildConfig
            {
                Name = $"net{i}", Proposals = [new(SecurityProtocol.Esp, [.. esp])],
                LocalTs = [TrafficSelector.Subnet(Address.Parse($"10.{myNet}.{i}.0"), 24)], RemoteTs = [TrafficSelector.Subnet(Address.Parse($"10.{peerNet}.{i}.0"), 24)],
                Lifetimes = new(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero),
            })],
        });
        var known = me.Connections.Put(connection);
        me.Connections = known;
        me.Engine.Configure(new(known, new OneSecret()));
        return connection;
    }

    /// <summary>Changes a gateway's connection before it is used.</summary>
    public void Reconfigure(Gateway g, Func<Connection, Connection> change)
    {
        var changed = change(g.Connections[0]);
        g.Connections = [changed];
        g.Engine.Configure(new(g.Connections, new OneSecret()));
        if (g == Moon) MoonConnection = changed;
        else SunConnection = changed;
    }

    /// <summary>A UDP packet from one network to the other, with a payload that a leak would show.</summary>
    public static byte[] InnerPacket(int fromNet, int toNet, int child, int mark) =>
        InnerPacket(Address.Parse($"10.{fromNet}.{child}.7"), Address.Parse($"10.{toNet}.{child}.7"), mark);

    /// <summary>A UDP packet between two IPv4 addresses.</summary>
    public static byte[] InnerPacket(Address from, Address to, int mark)
    {
        var packet = new byte[20 + 8 + 32];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[8] = 64;
        packet[9] = 17;
        from.Write(packet.AsSpan(12));
        to.Write(packet.AsSpan(16));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(20), 4000);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(22), 4001);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(24), 40);
        for (var i = 28; i < packet.Length; i += 4) BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(i), mark ^ i * 0x01000193);
        uint sum = 0;
        for (var i = 0; i < 20; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(i));
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), (ushort)~sum);
        return packet;
    }

    /// <summary>Sends one packet each way through the child and says whether both arrived.</summary>
    public bool Carries(int child = 0)
    {
        var (there, back) = (InnerPacket(1, 2, child, 0x5eed), InnerPacket(2, 1, child, 0xbac4));
        Moon.Plane.Delivered.Clear();
        Sun.Plane.Delivered.Clear();
        Moon.SendInner(there);
        Sun.SendInner(back);
        Network.Run(TimeSpan.FromSeconds(2));
        return Sun.Plane.Delivered.Any(p => p.AsSpan().SequenceEqual(there)) && Moon.Plane.Delivered.Any(p => p.AsSpan().SequenceEqual(back));
    }

    /// <summary>Both ends have the same IKE_SAs, and on them the same CHILD_SAs.</summary>
    public void ShouldAgree()
    {
        static string[] Pictures(Gateway g) => [.. g.Engine.Snapshots().Select(s =>
            $"{s.InitiatorSpi:x16} {s.ResponderSpi:x16} {s.State}: {string.Join(' ', s.Children.Select(c => $"{Math.Min(c.SpiIn, c.SpiOut):x8}/{Math.Max(c.SpiIn, c.SpiOut):x8} {c.State}").Order(StringComparer.Ordinal))}").Order(StringComparer.Ordinal)];
        Assert.Equal(Pictures(Moon), Pictures(Sun));
    }

    public void ShouldHaveNoFaults()
    {
        foreach (var g in Network.Gateways)
        {
            Assert.Equal(0, g.Faults);
            Assert.Equal(0, g.Plane.Leaks);
        }
    }
}

/// <summary>Waits for a wish.</summary>
public sealed class Outcome : IWatcher
{
    public bool IsDone { get; private set; }
    public string? Error { get; private set; }
    public List<string> Lines { get; } = [];

    public void Log(in LogLine line)
    {
        if (line.Level <= 1) Lines.Add(line.Text);
    }

    public void Done(string? error)
    {
        Assert.False(IsDone, "a wish ended twice");
        (IsDone, Error) = (true, error);
    }
}
