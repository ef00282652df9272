// The table of methods: what is not in it does not exist.
using System.Collections.Immutable;
using Cygnet.Auth;
using Cygnet.Eap.Methods;
using Cygnet.Eap.Sim;
using Cygnet.Eap.Tls;

namespace Cygnet.Eap;

/// <summary>
/// A method. <paramref name="IsTunnel"/>: it uses TLS, and never runs inside another. <paramref name="HasCredential"/>: whether we have what that role needs,
/// for proposing it without being told to; the role is server if the second argument says so.
/// </summary>
sealed record EapMethodEntry(EapType Type, bool IsTunnel, bool IsMutual, Func<MethodContext, PeerMethod> Peer, Func<MethodContext, ServerMethod> Server,
    Func<MethodContext, bool, bool> HasCredential);

static class EapMethods
{
    /// <summary>The order of proposals where no other is configured. A password of 16 bytes looks like a USIM key, so those come behind.</summary>
    public static readonly ImmutableArray<EapMethodEntry> All =
    [
        new(EapType.Tls, true, true, c => new TlsPeer(c), c => new TlsServer(c), HasCertificate),
        new(EapType.Ttls, true, true, c => new TtlsPeer(c), c => new TtlsServer(c), (c, isServer) => isServer ? HasCertificate(c, true) : HasSecret(c, false)),
        new(EapType.Peap, true, true, c => new PeapPeer(c), c => new PeapServer(c), (c, isServer) => isServer ? HasCertificate(c, true) : HasSecret(c, false)),
        new(EapType.MsChapV2, false, false, c => new MsChapV2Peer(c), c => new MsChapV2Server(c),
            (c, isServer) => HasSecret(c, isServer) || c.Find(SecretClass.Ntlm, isServer ? c.Server : c.Peer, isServer ? c.Peer : c.Server) is not null),
        new(EapType.Sim, false, true, c => new SimPeer(c), c => new SimServer(c), (c, _) => !c.Surroundings.Credentials.SimTriplets(c.Peer).IsEmpty),
        new(EapType.Aka, false, true, c => new AkaPeer(c), c => new AkaServer(c), (c, isServer) => AkaSecret.Find(c.Surroundings.Credentials, c.Peer, out _) is not null),
        new(EapType.Md5, false, false, c => new Md5Peer(c), c => new Md5Server(c), HasSecret),
        new(EapType.Gtc, false, false, c => new GtcPeer(c), c => new GtcServer(c), HasSecret),
    ];

    public static EapMethodEntry? Find(EapType type) => All.FirstOrDefault(e => e.Type == type);

    /// <summary>
    /// The method that a configured word names: <c>eap-md5</c>, <c>eap-25</c>, <c>eap-7-9</c>. None stands for any: <c>eap</c>, <c>eap-dynamic</c>, and, as in the
    /// reference, a word that is not known.
    /// </summary>
    public static EapType Configured(string word)
    {
        const string prefix = "eap-";
        if (!word.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) return default;
        // constraints may follow a colon
        var name = word[prefix.Length..].Split(':')[0];
        if (EapType.TryWord(name, out var type)) return type;
        return name.Split('-') switch
        {
            [var number] when uint.TryParse(number, out var n) => new(n),
            [var number, var vendor] when uint.TryParse(number, out var n) && uint.TryParse(vendor, out var v) && v <= 0xffffff => new(n, v),
            _ => default,
        };
    }

    static bool HasSecret(MethodContext c, bool isServer) =>
        (isServer ? c.Find(SecretClass.Eap, c.Server, c.Peer) : c.Find(SecretClass.Eap, c.Peer, c.Server)) is not null;

    static bool HasCertificate(MethodContext c, bool isServer) =>
        c.Surroundings.Credentials.PrivateKeyFor(c.Own, isServer ? c.Server : c.Peer, []) is { Certificate: not null };
}
