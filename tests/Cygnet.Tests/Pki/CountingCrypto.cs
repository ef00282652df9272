// The real algorithms, and how many signatures were verified.
using Cygnet.Crypto;

namespace Cygnet.Tests.Pki;

sealed class CountingCrypto : ICryptoDoor
{
    readonly SystemCrypto _crypto = new();

    public int Verifications { get; private set; }

    public bool Supports(ushort keMethod) => _crypto.Supports(keMethod);

    public int Cost(ushort keMethod) => _crypto.Cost(keMethod);

    public KeyExchangeStart Start(ushort keMethod) => _crypto.Start(keMethod);

    public KeyExchangeResult? Respond(ushort keMethod, ReadOnlySpan<byte> peerPublic) => _crypto.Respond(keMethod, peerPublic);

    public byte[] Sign(PrivateKey key, SignatureScheme scheme, ReadOnlySpan<byte> data) => _crypto.Sign(key, scheme, data);

    public bool Verify(PublicKey key, SignatureScheme scheme, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        Verifications++;
        return _crypto.Verify(key, scheme, data, signature);
    }
}
