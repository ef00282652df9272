// One entry of ipsec.secrets. ipsec.secrets(5).
using System.Collections.Immutable;

namespace Cygnet.Config;

public enum SecretKind { Rsa, Ecdsa, Pkcs8, P12, Pin, Psk, Eap, XAuth, Ntlm, Ppk }

/// <summary>An entry with the place of its line. Which members are used follows from the kind.</summary>
public sealed record Secret(SecretKind Kind, Position At)
{
    /// <summary>Identities as written; empty stands for any. Keys have them without use.</summary>
    public ImmutableArray<string> Selectors { get; init; } = [];

    /// <summary>The shared secret itself.</summary>
    public byte[] Value { get; init; } = [];

    /// <summary>The file of a key or container, or the <c>%smartcard…</c> word of a PIN.</summary>
    public string File { get; init; } = "";

    /// <summary>What may open the file, in order.</summary>
    public ImmutableArray<byte[]> Passphrases { get; init; } = [];

    /// <summary><c>%prompt</c>: somebody at a terminal knows the passphrase.</summary>
    public bool AsksForPassphrase { get; init; }

    /// <summary>A private key in a file.</summary>
    public bool IsKeyFile => Kind is SecretKind.Rsa or SecretKind.Ecdsa or SecretKind.Pkcs8;

    /// <summary>A secret that both ends know.</summary>
    public bool IsShared => Kind is SecretKind.Psk or SecretKind.Eap or SecretKind.XAuth or SecretKind.Ntlm or SecretKind.Ppk;
}
