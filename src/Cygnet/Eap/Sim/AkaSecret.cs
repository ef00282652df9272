// The USIM key of a subscriber: K, or K and OPc, as EAP secret. 3GPP TS 35.206.
using Cygnet.Auth;
using Cygnet.Policy;

namespace Cygnet.Eap.Sim;

/// <summary>16 bytes are K, with an OPc of zeros; 32 bytes are K and OPc, as the reference's software USIM has them.</summary>
sealed record AkaSecret(byte[] K, byte[] Opc)
{
    public static AkaSecret? Find(ICredentials credentials, Identity subscriber, out string reason)
    {
        reason = $"no EAP key found for {subscriber} to authenticate with AKA";
        if (credentials.SharedSecrets(SecretClass.Eap, subscriber, Identity.Any) is not [var secret, ..]) return null;
        switch (secret.Length)
        {
            case Milenage.KeyBytes: return new(secret, new byte[Milenage.KeyBytes]);
            case 2 * Milenage.KeyBytes: return new(secret[..Milenage.KeyBytes], secret[Milenage.KeyBytes..]);
            default:
                reason = $"invalid EAP K or K+OPc key found for {subscriber} to authenticate with AKA, should be a {Milenage.KeyBytes} or {2 * Milenage.KeyBytes} byte long binary value";
                return null;
        }
    }

    /// <summary>A sequence number that grows with the wall clock: 32 bits of seconds, 16 bits of a second's parts.</summary>
    public static byte[] Sqn(DateTimeOffset now, TimeSpan ahead)
    {
        var at = now + ahead;
        var seconds = (uint)at.ToUnixTimeSeconds();
        var micro = (ulong)(at.UtcTicks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond);
        var sqn = (ulong)seconds << 16 | micro >> 4;
        return [(byte)(sqn >> 40), (byte)(sqn >> 32), (byte)(sqn >> 24), (byte)(sqn >> 16), (byte)(sqn >> 8), (byte)sqn];
    }

    public static byte[] Next(ReadOnlySpan<byte> sqn)
    {
        var next = sqn.ToArray();
        for (var i = next.Length - 1; i >= 0 && ++next[i] == 0; i--) { }
        return next;
    }
}
