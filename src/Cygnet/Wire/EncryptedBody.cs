// Where the SK or SKF payload of a message lies. RFC 7296 3.14, RFC 7383 2.5.
namespace Cygnet.Wire;

/// <summary>
/// The protected part of a datagram: its IV starts at <see cref="Offset"/> and everything before that is authenticated with it.
/// Fragments count from 1; for an SK payload both numbers are 0. <see cref="First"/> is the type of the first inner payload.
/// </summary>
public readonly record struct EncryptedBody(int Offset, int Length, PayloadType First, ushort FragmentNumber = 0, ushort FragmentTotal = 0)
{
    public bool IsFragment => FragmentTotal != 0;
}
