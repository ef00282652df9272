// What settings of strongswan.conf change about whom a gateway believes, and which proposal it takes: signatures, certificates, names, EAP-only.
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Tests.Pki;
using Cygnet.Tests.Sim;
using Cygnet.Wire;

namespace Cygnet.Tests.Ike;

public sealed class AuthenticationSettingTests
{
    // The clock of the simulation begins with the epoch.
    static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch.AddDays(-1), s_end = DateTimeOffset.UnixEpoch.AddDays(1);

    static bool Said(Gateway g, string text) => g.LogLines.Exists(l => l.Contains(text, StringComparison.Ordinal));

    /// <summary>Both prove themselves with ECDSA certificates; moon's has these extensions, and the rounds are changed by <paramref name="change"/> (owner, whether it is the owner's own).</summary>
    static Pair Certified(Func<string, bool, AuthRound, AuthRound>? change = null, string moonMethod = "", params X509Extension[] extensions)
    {
        TestAuthority root = new("root", from: s_start, to: s_end), moon = new("moon", root, isCa: false, from: s_start, to: s_end, extensions: extensions), sun = new("sun", root, isCa: false, from: s_start, to: s_end);
        AuthRound By(string name, bool isOwn)
        {
            var isEap = name == "moon" && moonMethod.Length > 0;
            var round = new AuthRound { Class = isEap ? AuthClass.Eap : AuthClass.PublicKey, Method = isEap ? moonMethod : "", Id = Identity.Parse($"CN={name}") };
            return change?.Invoke(name, isOwn, round) ?? round;
        }
        var pair = new Pair(change: c => c.Name == "moon-sun" ? c with { Local = [By("moon", true)], Remote = [By("sun", false)] } : c with { Local = [By("sun", true)], Remote = [By("moon", false)] });
        foreach (var (gateway, owner) in new[] { (pair.Moon, moon), (pair.Sun, sun) })
        {
            gateway.Crypto = new SystemCrypto();
            gateway.Engine.Configure(new(gateway.Connections, new CredentialStoreBuilder().Add(root.Certificate).Add(owner.Certificate).Add(SoftwareKey.FromPkcs8(owner.Pkcs8)).Build()));
        }
        return pair;
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)]
    public void RFC_7427_is_used_if_both_ends_have_signature_authentication(bool moon, bool sun, bool isUsed)
    {
        var pair = Certified();
        pair.Moon.Engine.Settings = pair.Moon.Engine.Settings with { SignatureAuthentication = moon };
        pair.Sun.Engine.Settings = pair.Sun.Engine.Settings with { SignatureAuthentication = sun };
        Assert.Null(pair.Up().Error);
        Assert.Equal(moon, pair.Moon.LogLines.Exists(l => l.Contains("generating IKE_SA_INIT request 0", StringComparison.Ordinal) && l.Contains("N(HASH_ALG)", StringComparison.Ordinal)));
        Assert.Equal(isUsed, Said(pair.Moon, "authentication of 'CN=moon' (myself) with ECDSA_WITH_SHA256_DER successful"));
        Assert.Equal(!isUsed, Said(pair.Moon, "authentication of 'CN=moon' (myself) with ECDSA-256 signature successful"));
        Assert.True(pair.Carries());
    }

    /// <summary>Moon signs with SHA-512, sun's rightauth wants SHA-256; certificates are signed with that.</summary>
    [Theory]
    [InlineData(true), InlineData(false)]
    public void What_rightauth_says_of_certificates_goes_for_IKE_unless_signature_authentication_constraints_is_off(bool isOn)
    {
        var pair = Certified((name, isOwn, round) => name != "moon" ? round : round with { SignatureConstraints = [isOwn ? "ike:ecdsa-sha512" : "ecdsa-sha256"] });
        pair.Sun.Engine.Settings = pair.Sun.Engine.Settings with { SignatureAuthenticationConstraints = isOn };
        var outcome = pair.Up();
        // Sun announces what it takes (RFC 9593), so moon does not even try.
        Assert.Equal(!isOn, Said(pair.Moon, "authentication of 'CN=moon' (myself) with ECDSA_WITH_SHA512_DER successful"));
        Assert.Equal(isOn, outcome.Error is not null);
        pair.Settle();
        Assert.Equal(isOn ? 0 : 1, pair.Sun.Engine.Snapshots().Count);
    }

    [Theory]
    [InlineData("", true), InlineData("", false), InlineData("eap-tls", true), InlineData("eap-tls", false)]
    public void A_critical_extension_that_nobody_knows_is_refused_if_x509_enforce_critical_says_so(string method, bool isEnforced)
    {
        var pair = Certified(moonMethod: method, extensions: new X509Extension(new Oid("1.3.6.1.4.1.99999.7"), [5, 0], critical: true));
        pair.Sun.Engine.Settings = pair.Sun.Engine.Settings with { Trust = new() { EnforceCritical = isEnforced } };
        var outcome = pair.Up();
        Assert.Equal(isEnforced, outcome.Error is not null);
        Assert.Equal(isEnforced, Said(pair.Sun, "has critical extension 1.3.6.1.4.1.99999.7, which is not supported"));
        pair.Settle();
        Assert.Equal(isEnforced ? 0 : 1, pair.Sun.Engine.Snapshots().Count);
        pair.ShouldHaveNoFaults();
    }

    [Theory]
    [InlineData("CN=moon, O=Example", RdnMatching.Strict, false)]
    [InlineData("CN=moon, O=Example", RdnMatching.Reordered, true)]
    [InlineData("CN=moon", RdnMatching.Reordered, false)]
    [InlineData("CN=moon", RdnMatching.Relaxed, true)]
    [InlineData("CN=mars", RdnMatching.Relaxed, false)]
    public void Names_of_peers_are_compared_as_rdn_matching_says(string rightid, RdnMatching rdns, bool isAccepted)
    {
        var pair = new Pair(change: c => c.Name == "moon-sun" ? c with { Local = [c.Local[0] with { Id = Identity.Parse("O=Example, CN=moon") }] } : c with { Remote = [c.Remote[0] with { Id = Identity.Parse(rightid) }] });
        pair.Sun.Engine.Settings = pair.Sun.Engine.Settings with { Trust = new() { RdnMatching = rdns } };
        Assert.Equal(isAccepted, pair.Up().Error is null);
        pair.Settle();
        Assert.Equal(isAccepted ? 1 : 0, pair.Sun.Engine.Snapshots().Count);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public void The_vendor_id_is_sent_if_send_vendor_id_says_so(bool isSent)
    {
        var pair = new Pair();
        pair.Moon.Engine.Settings = pair.Moon.Engine.Settings with { SendVendorId = isSent };
        Assert.Null(pair.Up().Error);
        Assert.Equal(isSent, pair.Sun.LogLines.Exists(l => l.Contains("parsed IKE_SA_INIT request 0", StringComparison.Ordinal) && l.Contains(" V ", StringComparison.Ordinal)));
        Assert.True(pair.Carries());
    }

    [Theory]
    [InlineData(true, "AES_GCM_16_256")]
    [InlineData(false, "AES_GCM_16_128")]
    public void The_order_of_ours_or_of_the_peers_proposals_counts_as_prefer_configured_proposals_says(bool isOurs, string expected)
    {
        static Proposal With(Proposal p, ushort bits) => p with { Transforms = [.. p.Transforms.Select(t => t.Type == TransformType.Encryption ? t with { KeyBits = bits } : t)] };
        var pair = new Pair(change: c =>
        {
            ushort[] order = c.Name == "sun-moon" ? [256, 128] : [128, 256];
            return c with
            {
                Proposals = [.. order.Select(bits => With(c.Proposals[0], bits))],
                Children = [c.Children[0] with { Proposals = [.. order.Select(bits => With(c.Children[0].Proposals[0], bits))] }],
            };
        });
        pair.Sun.Engine.Settings = pair.Sun.Engine.Settings with { PreferConfiguredProposals = isOurs };
        Assert.Null(pair.Up().Error);
        foreach (var protocol in (string[])["IKE", "ESP"]) Assert.True(Said(pair.Sun, $"selected proposal: {protocol}:{expected}"), string.Join('\n', pair.Sun.LogLines));
        Assert.True(pair.Carries());
    }

    /// <summary>A client that does not say that EAP alone will do (RFC 5998): its notify is taken out on the way, with the keys of the IKE_SA.</summary>
    [Theory]
    [InlineData(false), InlineData(true)]
    public void EAP_alone_is_forced_upon_a_peer_that_has_not_offered_it_if_so_configured(bool isForced)
    {
        var eap = (AuthRound r) => r with { Class = AuthClass.Eap, Method = "eap-mschapv2" };
        var pair = new Pair(change: c => c with { Fragmentation = FragmentationPolicy.Yes, Local = [eap(c.Local[0])], Remote = [eap(c.Remote[0])] });
        pair.Sun.Engine.Settings = pair.Sun.Engine.Settings with { ForceEapOnlyAuthentication = isForced, FragmentSize = 4000 };
        pair.Moon.Engine.Settings = pair.Moon.Engine.Settings with { FragmentSize = 4000 };
        byte[]? stripped = null;
        pair.Network.Filter = (kind, source, _, data) =>
        {
            if (kind != PacketKind.Ike || source.Address != pair.Moon.Address || data[18] != (byte)ExchangeType.IkeAuth || BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(20)) != 1 || data.AsSpan().SequenceEqual(stripped)) return true;
            var sa = pair.Moon.Engine.Find(pair.Moon.Engine.Snapshots().Single().UniqueId)!;
            stripped = Without(data, sa, NotifyType.EapOnlyAuthentication);
            pair.Moon.Send(sa.Local, sa.Remote, stripped);
            return false;
        };
        pair.Up();
        Assert.NotNull(stripped);
        Assert.Equal(!isForced, Said(pair.Sun, "generating IKE_AUTH response 1 [ N(AUTH_FAILED) ]"));
        Assert.Equal(!isForced, pair.Sun.Shared.Refusals.Of("sun-moon").Any(r => r.Reason.Contains("by EAP alone", StringComparison.Ordinal)));
        Assert.Equal(isForced, Said(pair.Sun, "generating IKE_AUTH response 1 [ IDr EAP/REQ/"));
        pair.ShouldHaveNoFaults();
    }

    // The request again, without the notify of that type; only somebody who has the keys can do that.
    static byte[] Without(byte[] datagram, IkeSa sa, NotifyType type)
    {
        var open = (byte[])datagram.Clone();
        byte[] Copy(byte[] key) => (byte[])key.Clone();
        var seal = new IkeProtection(sa.Proposal!.First(TransformType.Encryption)!.Value, sa.Proposal.First(TransformType.Integrity), Copy(sa.Keys!.SkEi), Copy(sa.Keys.SkAi));
        Assert.True(seal.Open(open, IkeHeader.Bytes + 4, out var at, out var length));
        var parts = RobustMutants.Split(new(datagram[28], open[at..(at + length)]));
        var kept = parts.Where(p => p.Type != (byte)PayloadType.Notify || BinaryPrimitives.ReadUInt16BigEndian(p.Body.AsSpan(2)) != (ushort)type).ToList();
        Assert.Equal(parts.Count - 1, kept.Count);
        return RobustMutants.Protect(seal, datagram, RobustMutants.Join(kept));
    }
}
