// SK(1) | .. | SK(n), the secrets of the additional key exchanges after a CREATE_CHILD_SA exchange. RFC 9370 2.2.4.
using System.Security.Cryptography;

namespace Cygnet.Ike;

/// <summary>Cleared as they grow and on Dispose.</summary>
sealed class AdditionalSecrets : IDisposable
{
    public byte[] Octets { get; private set; } = [];

    /// <summary>Takes the secret over and clears it.</summary>
    public void Add(byte[] secret)
    {
        byte[] longer = [.. Octets, .. secret];
        CryptographicOperations.ZeroMemory(secret);
        Dispose();
        Octets = longer;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(Octets);
        Octets = [];
    }
}
