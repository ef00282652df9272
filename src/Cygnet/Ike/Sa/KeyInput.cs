// What the keys of an SA are made of besides SK_d, once a CREATE_CHILD_SA exchange is agreed on. RFC 7296 2.17, 2.18; RFC 9370 2.2.4.
using System.Security.Cryptography;

namespace Cygnet.Ike;

/// <summary>The secret of the exchange's own key exchange (empty without one), both nonces, and the secrets of additional key exchanges.</summary>
sealed record KeyInput(byte[] Secret, byte[] Ni, byte[] Nr) : IDisposable
{
    public AdditionalSecrets Additional { get; } = new();

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(Secret);
        Additional.Dispose();
    }
}
