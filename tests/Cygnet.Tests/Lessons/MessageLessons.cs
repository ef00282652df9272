// Classes of vulnerabilities that other implementations had in their messages and states. docs/lessons.md names the design that answers each.
using System.Buffers.Binary;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Ike;
using Cygnet.Tests.Sim;
using Cygnet.Wire;

namespace Cygnet.Tests.Lessons;

public sealed class MessageLessons
{
    static readonly Situation _halfOpen = new(false, Deed.First, Deed.None), _established = new(true, Deed.None, Deed.Liveness), _rekeying = new(true, Deed.None, Deed.RekeyChild);

    /// <summary>A request of the peer, correctly sealed.</summary>
    static byte[] Sealed(RobustScene scene, Situation s, ExchangeType exchange, params Payload[] payloads)
    {
        var header = scene.NextHeader(s);
        header[18] = (byte)exchange;
        var plain = Message.EncodePlain(new(1, 1, exchange, 0, 0), payloads);
        return RobustMutants.Protect(scene.Seal!, header, new(plain[16], plain[IkeHeader.Bytes..]));
    }

    [Theory]
    [InlineData(ExchangeType.CreateChildSa)]
    [InlineData(ExchangeType.IkeFollowupKe)]
    [InlineData(ExchangeType.IkeSessionResume)]
    public void Cve_2014_2338_nothing_rekeys_an_IKE_SA_that_is_not_authenticated(ExchangeType exchange)
    {
        var scene = new RobustScene(1);
        scene.Enter(new(true, Deed.None, Deed.RekeyIke));
        var rekey = scene.Genuine;
        scene.Enter(_halfOpen);
        var (before, answers) = (scene.Picture(), scene.Answers);
        var header = scene.NextHeader(_halfOpen);
        header[18] = (byte)exchange;
        scene.Deliver(RobustMutants.Protect(scene.Seal!, header, rekey));
        scene.Work();
        Assert.Equal((before, answers), (scene.Picture(), scene.Answers));
        Assert.Equal(Phase.Keyed, scene.Target!.Phase);
    }

    [Fact]
    public void Cve_2019_12312_INFORMATIONAL_before_IKE_AUTH_deletes_and_configures_nothing()
    {
        var scene = new RobustScene(1);
        scene.Enter(_halfOpen);
        foreach (var payload in (Payload[])[new DeletePayload(SecurityProtocol.Ike, []), new NotifyPayload(NotifyType.InitialContact, []), new NotifyPayload(NotifyType.UpdateSaAddresses, [])])
        {
            scene.Deliver(Sealed(scene, _halfOpen, ExchangeType.Informational, payload));
            scene.Work();
            Assert.Equal(Phase.Keyed, scene.Target!.Phase);
        }
        Assert.True(scene.Carries());
    }

    [Fact]
    public void Cve_2015_3991_payloads_of_IKEv1_are_unknown_in_IKEv2()
    {
        for (var type = 0; type < 256; type++)
        {
            var isKnown = type is >= 33 and <= 54;
            byte[] body = [0, 0, 0, 12, 0, 0, 0, 1, 1, 1, 1, 1];
            List<Payload> payloads = [];
            var parsed = Message.ParsePayloads((PayloadType)type, body, payloads);
            if (type == 0 || isKnown) continue;
            Assert.True(parsed.IsOk, $"payload type {type}: {parsed.Reason}");
            Assert.IsType<UnknownPayload>(Assert.Single(payloads));
            body[1] = 0x80;
            Assert.Equal(ParseOutcome.UnsupportedCriticalPayload, Message.ParsePayloads((PayloadType)type, body, []).Outcome);
        }
    }

    [Fact]
    public void Cve_2014_9221_every_number_of_a_transform_is_either_in_the_table_or_nobodys()
    {
        foreach (var type in Enum.GetValues<TransformType>())
            for (var id = 0; id <= ushort.MaxValue; id++)
            {
                var transform = new Transform(type, (ushort)id);
                _ = Transforms.Name(transform);
                if (Transforms.Find(transform) is not null) continue;
                Assert.False(Transforms.IsBuilt(transform));
                if (type == TransformType.KeyExchange) Assert.False(new SystemCrypto().Supports((ushort)id));
            }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Cve_2013_6467_2016_5391_any_payload_may_be_missing(bool isResponse)
    {
        foreach (var s in Situation.All().Where(s => s.IsResponse == isResponse))
        {
            var scene = new RobustScene(2, s.IsMultiple);
            scene.Enter(s);
            var count = RobustMutants.Split(scene.Genuine).Count;
            for (var missing = 0; missing < count; missing++)
            {
                scene.Enter(s);
                var parts = RobustMutants.Split(scene.Genuine);
                parts.RemoveAt(missing);
                var chain = RobustMutants.Join(parts);
                scene.Deliver(s.IsUnprotected ? RobustMutants.Plain(scene.Datagram, chain) : RobustMutants.Protect(scene.Seal!, scene.Datagram[..IkeHeader.Bytes], chain));
                scene.Work();
            }
            Assert.Equal(0, scene.Victim.Faults);
            Assert.True(scene.Carries());
        }
    }

    [Fact]
    public void Cve_2019_10155_every_bit_of_a_protected_message_is_checked()
    {
        foreach (var s in (Situation[])[_halfOpen, _established, _rekeying])
        {
            var scene = new RobustScene(3);
            scene.Enter(s);
            var (before, answers) = (scene.Picture(), scene.Answers);
            for (var bit = 0; bit < scene.Datagram.Length * 8; bit++)
            {
                if (bit / 8 == 17) continue; // a higher major version is told ours, RFC 7296 2.5
                var flipped = (byte[])scene.Datagram.Clone();
                flipped[bit / 8] ^= (byte)(1 << bit % 8);
                scene.Deliver(flipped);
                Assert.Equal(before, scene.Picture());
            }
            scene.Work();
            Assert.Equal(before, scene.Picture());
            Assert.Equal(answers, scene.Answers);
        }
    }

    [Fact]
    public void Cve_2023_38710_any_protocol_and_any_SPI_may_be_asked_to_be_rekeyed()
    {
        var scene = new RobustScene(4);
        scene.Enter(_rekeying);
        for (var protocol = 0; protocol < 256; protocol++)
            foreach (var spi in (byte[][])[[], [0], [0, 0, 0, 0], [1, 2, 3, 4], new byte[8], new byte[255]])
            {
                scene.Enter(_rekeying);
                var parts = RobustMutants.Split(scene.Genuine);
                var at = parts.FindIndex(p => p.Type == (byte)PayloadType.Notify);
                parts[at] = parts[at] with { Body = [(byte)protocol, (byte)spi.Length, .. parts[at].Body[2..4], .. spi] };
                scene.Deliver(RobustMutants.Protect(scene.Seal!, scene.Datagram[..IkeHeader.Bytes], RobustMutants.Join(parts)));
                scene.Work();
                Assert.Equal(0, scene.Victim.Faults);
            }
        Assert.True(scene.Carries());
    }

    [Fact]
    public void Cve_2023_38712_deletes_may_come_twice_and_name_anything()
    {
        var s = new Situation(true, Deed.None, Deed.DeleteChild);
        var scene = new RobustScene(5);
        scene.Enter(s);
        var spi = scene.Target!.Children[0].SpiOut;
        for (var i = 0; i < 2; i++)
            scene.Deliver(Sealed(scene, s, ExchangeType.Informational, new DeletePayload(SecurityProtocol.Esp, [spi, spi, 0, spi]), new DeletePayload(SecurityProtocol.Esp, [spi]),
                new DeletePayload(SecurityProtocol.Ah, [spi])));
        scene.Work();
        Assert.Equal(0, scene.Victim.Faults);
        Assert.True(scene.Carries());
    }

    [Fact]
    public void Cve_2023_23009_traffic_selectors_have_the_length_of_their_type()
    {
        for (var type = 0; type < 256; type++)
            for (var length = 0; length <= 60; length++)
            {
                // one selector that claims a length, in a payload that is just long enough
                var body = new byte[8 + Math.Max(length, 8)];
                BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(2), (ushort)body.Length);
                body[4] = 1;
                body[8] = (byte)type;
                BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(10), (ushort)length);
                List<Payload> payloads = [];
                var parsed = Message.ParsePayloads(PayloadType.TsInitiator, body, payloads);
                if (type is 7 or 8 && parsed.IsOk) Assert.Equal(type == 7 ? 16 : 40, length);
            }
    }

    [Fact]
    public void Cve_2015_3204_2020_1763_2022_23094_2024_3652_saying_why_something_is_refused_cannot_fail()
    {
        // whatever a peer may write into identities, notifies and proposals, at the highest level of logging
        var hostile = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        for (var type = 0; type < 256; type++)
            foreach (var data in (byte[][])[[], [0], hostile, new byte[4], new byte[16], "%n%s%s{0}"u8.ToArray()])
            {
                if (Identity.TryFromWire((byte)type, data, out var id)) Assert.DoesNotContain(id.ToString(), c => char.IsControl(c));
                Payload[] payloads = [new IdPayload(PayloadType.IdInitiator, (byte)type, data), new NotifyPayload((NotifyType)(type * 257), data), new CertPayload((byte)type, data),
                    new VendorIdPayload(data)];
                Assert.NotEmpty(Notation.Describe(new(1, 2, (ExchangeType)type, 0, 0), payloads));
            }
        Assert.NotEmpty(new Proposal((SecurityProtocol)255, [.. Enumerable.Range(0, 65_536).Select(i => new Transform((TransformType)(i >> 8), (ushort)i, (ushort)i))]).ToString());
    }

    [Fact]
    public void Cve_2024_2357_a_retransmission_after_a_missing_secret_is_answered_as_before()
    {
        var pair = new Pair();
        pair.Sun.Engine.Configure(new(pair.Sun.Connections, Cygnet.Auth.CredentialStore.Empty));
        byte[]? request = null;
        pair.Network.Filter = (kind, _, destination, data) =>
        {
            if (kind == PacketKind.Ike && destination.Address == pair.Sun.Address && data[18] == (byte)ExchangeType.IkeAuth) request ??= data;
            return true;
        };
        Assert.NotNull(pair.Up().Error);
        for (var i = 0; i < 3; i++) pair.Sun.Engine.Receive(new(pair.Sun.Address, 500), new(pair.Moon.Address, 500), request!, pair.Network.Now);
        pair.Settle();
        pair.ShouldHaveNoFaults();
    }

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(255, 255, true)]
    [InlineData(256, 256, false)]
    [InlineData(65_535, 65_535, false)]
    public void Cve_2026_12413_fragments_are_counted_up_to_the_limit_and_not_beyond(int number, int total, bool isKept)
    {
        var fragments = new Fragments();
        for (var i = 1; i <= Math.Min(total, 300); i++)
        {
            var outcome = fragments.Add(new(36, 100, PayloadType.Notify, (ushort)(i == Math.Min(total, 300) ? number : i), (ushort)total), [1], out _);
            if (!isKept) Assert.Equal(FragmentOutcome.TooLarge, outcome);
        }
        Assert.Equal(isKept ? total : 0, fragments.Count);
    }

    [Fact]
    public void Iked_2025_03_the_address_of_a_peer_changes_only_after_the_integrity_check()
    {
        var s = new Situation(true, Deed.None, Deed.Liveness);
        var scene = new RobustScene(6);
        scene.Enter(s);
        (scene.Target!.RemoteBehindNat, scene.Target.UsesMobike) = (true, false);
        var forged = (byte[])scene.Datagram.Clone();
        forged[^1] ^= 1;
        var elsewhere = new Endpoint(Address.Parse("198.51.100.66"), 4500);
        scene.Deliver(forged, elsewhere);
        Assert.NotEqual(elsewhere, scene.Target.Remote);
        scene.Deliver(scene.Datagram, elsewhere);
        Assert.Equal(elsewhere, scene.Target.Remote);
    }

    [Fact]
    public void Cve_2015_4171_nothing_secret_leaves_before_the_server_is_authenticated()
    {
        // a rogue server with another secret: the client must not even name its EAP identity
        var pair = new Pair(change: c => c.Name == "moon-sun"
            ? c with { Local = [new() { Class = AuthClass.Eap, Method = "eap-md5", Id = Identity.Parse("carol@moon.example"), EapId = Identity.Parse("carol") }] }
            : c with { Remote = [new() { Class = AuthClass.Eap, Method = "eap-md5" }] });
        pair.Sun.Engine.Configure(new(pair.Sun.Connections, new OneSecret("another")));
        var outcome = pair.Up();
        Assert.NotNull(outcome.Error);
        Assert.DoesNotContain(outcome.Lines, l => l.Contains("EAP/RES", StringComparison.Ordinal));
        Assert.Single(outcome.Lines, l => l.StartsWith("generating IKE_AUTH request", StringComparison.Ordinal));
        pair.ShouldHaveNoFaults();
    }
}
