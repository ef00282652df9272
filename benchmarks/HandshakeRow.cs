// One row of the table of set-ups: how both ends authenticate, the key exchange, and whether a CHILD_SA comes with it.
using System.Collections.Immutable;
using Cygnet.Benchmarks.Load;
using Cygnet.Crypto;
using Cygnet.Interop.Testbed;
using Cygnet.Policy;

namespace Cygnet.Benchmarks;

/// <summary>A line of data: ipsec.conf lines of the responder, and the client's side of the same.</summary>
/// <param name="Auth">As the table shows it.</param>
/// <param name="Ike">The IKE proposal.</param>
/// <param name="Conf">Lines of the responder's conn about authentication.</param>
/// <param name="Peer">Whether strongSwan 5.9.8 has all of it; else why not.</param>
/// <param name="HasChild">With a CHILD_SA; without one RFC 6023.</param>
/// <param name="Datagrams">That each side sends for one set-up.</param>
sealed record HandshakeRow(string Auth, string Ike, string Conf, string? Peer = null, bool HasChild = false, int Datagrams = 2)
{
    const string Psk = "authby=secret\n\tleftid=@sun.cygnet.test\n\trightid=*@load.example",
        Ecdsa = "leftcert=sun-ecdsa.pem\n\trightid=\"C=CH, O=Cygnet Test, OU=ecdsa, CN=*\"",
        Rsa = "leftcert=sun-rsa.pem\n\tleftid=@sun.cygnet.test\n\trightid=@moon.cygnet.test",
        Eap = "leftauth=psk\n\tleftid=@sun.cygnet.test\n\trightauth=eap-mschapv2\n\trightid=*@load.example",
        NoMlKem = "5.9.8 has no ML-KEM";

    static readonly (string Name, string Conf, int Datagrams)[] Auths =
        // A certificate of RSA takes IKE_AUTH in two fragments.
        [("PSK", Psk, 2), ("ECDSA-256", Ecdsa, 2), ("RSA-2048", Rsa, 3), ("EAP-MSCHAPv2", Eap, 5)];

    static readonly (string Ike, string? Peer, int Datagrams)[] Exchanges =
        // A key of ML-KEM-768 takes IKE_INTERMEDIATE in two.
        [("aes128-sha256-x25519", null, 0), ("aes128-sha256-ecp256", null, 0), ("aes128-sha256-modp2048", null, 0), ("aes128-sha256-x25519-ke1_mlkem768", NoMlKem, 2)];

    public static readonly ImmutableArray<HandshakeRow> All =
    [
        .. from auth in Auths from ke in Exchanges select new HandshakeRow(auth.Name, ke.Ike, auth.Conf, ke.Peer, Datagrams: auth.Datagrams + ke.Datagrams),
        new("PSK", "aes128-sha256-x25519", Psk, HasChild: true),
    ];

    public const string Esp = "aes128gcm16";

    /// <summary>How the table names it.</summary>
    public string Name => $"{Auth}, {Ike["aes128-sha256-".Length..]}{(HasChild ? ", CHILD_SA" : "")}";

    /// <summary>Why this build cannot run it; null if it can.</summary>
    public string? Missing =>
        !ProposalText.TryParse(SecurityProtocol.Ike, Ike + "!", out _, out var error) ? $"this build has no {error.Word}" : null;

    /// <summary>What client number i asks for.</summary>
    public Connection Client(int i, string responder)
    {
        var connection = Clients.Psk(i, Ike, HasChild ? Esp : null, responder);
        return Auth switch
        {
            "PSK" => connection,
            "EAP-MSCHAPv2" => connection with { Local = [connection.Local[0] with { Class = AuthClass.Eap, Method = "eap-mschapv2" }] },
            "ECDSA-256" => connection with { Local = [Certified("ecdsa")], Remote = [new() { Id = Identity.Parse(TestPki.Subject("sun", "ecdsa")) }] },
            _ => connection with { Local = [Certified("rsa") with { Id = Identity.Parse("@moon.cygnet.test") }], Remote = [new() { Id = Identity.Parse("@sun.cygnet.test") }] },
        };
    }

    static AuthRound Certified(string kind) => new()
    {
        Id = Identity.Parse(TestPki.Subject(LoadCredentials.Host, kind)), Certificates = [LoadCredentials.Certificate($"{LoadCredentials.Host}-{kind}").Raw],
    };
}
