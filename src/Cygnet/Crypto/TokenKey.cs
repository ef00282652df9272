// A private key that never leaves its token.
using System.Security.Cryptography;

namespace Cygnet.Crypto;

/// <summary>Implemented where the tokens are. Safe for many threads.</summary>
public abstract class TokenKey(PublicKey publicKey) : PrivateKey(publicKey)
{
    /// <summary>What signs for one key at a time; keys on the same token have the same.</summary>
    public virtual object Device => this;

    /// <summary>Signs as <see cref="ICryptoDoor.Sign"/>; may take as long as a card does. Throws <see cref="CryptographicException"/> with a sentence for the operator.</summary>
    public abstract byte[] Sign(SignatureScheme scheme, ReadOnlySpan<byte> data);
}
