// What a method is given by its conversation.
using System.Text;
using Cygnet.Auth;
using Cygnet.Policy;

namespace Cygnet.Eap;

/// <summary>
/// <paramref name="Server"/> and <paramref name="Peer"/> are the identities inside EAP, in either role. <paramref name="Own"/> is our own round, for certificates,
/// <paramref name="Other"/> that of the other side, for what its certificate must satisfy. <paramref name="IsInner"/>: inside a tunnel.
/// </summary>
sealed record MethodContext(Identity Server, Identity Peer, AuthRound Own, AuthRound Other, EapSurroundings Surroundings, Action<string> Log, bool IsInner)
{
    /// <summary>The client's secret, or null after saying that there is none.</summary>
    public byte[]? OwnSecret() => Secret(SecretClass.Eap, Peer, Server);

    /// <summary>The best secret of a class; null if there is none.</summary>
    public byte[]? Find(SecretClass secretClass, Identity me, Identity other) =>
        Surroundings.Credentials.SharedSecrets(secretClass, me, other) is [var best, ..] ? best : null;

    public byte[]? Secret(SecretClass secretClass, Identity me, Identity other)
    {
        if (Find(secretClass, me, other) is { } secret) return secret;
        Log(NoKey(me, other));
        return null;
    }

    public static string NoKey(Identity me, Identity other) => $"no EAP key found for hosts '{me}' - '{other}'";

    public byte[] Random(int length)
    {
        var bytes = new byte[length];
        Surroundings.Random.Fill(bytes);
        return bytes;
    }

    /// <summary>
    /// An identity that came inside EAP. Text reads as in ipsec.conf, but a pattern never comes from outside: that, and what is no text, is a KEY_ID.
    /// </summary>
    public static Identity ReadIdentity(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes.Length > Identity.MaxLength || bytes.ContainsAnyExceptInRange((byte)0x20, (byte)0x7e)) return Identity.FromKeyId(bytes);
        var id = Identity.Parse(Encoding.ASCII.GetString(bytes));
        return id.HasWildcards ? Identity.FromKeyId(bytes) : id;
    }

    /// <summary>An identity as it goes into EAP: names as they are, everything else as text.</summary>
    public static byte[] WriteIdentity(Identity id) =>
        id.Kind is IdentityKind.Fqdn or IdentityKind.Rfc822 or IdentityKind.KeyId ? id.Encoded : Encoding.UTF8.GetBytes(id.ToString());

    /// <summary>Text of the other side for a log line: cut, and without what could steer a terminal.</summary>
    public static string Quote(ReadOnlySpan<byte> text) => Identity.Printable(text[..Math.Min(text.Length, 200)]);
}
