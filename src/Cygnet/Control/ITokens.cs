// Keys and certificates on PKCS#11 tokens, as the commands reach them.
using Cygnet.Crypto;

namespace Cygnet.Control;

/// <summary>An object of a token: its CKA_ID, and where to look for it; any slot of any module if that is null.</summary>
public sealed record TokenObject(byte[] Id, long? Slot, string? Module)
{
    public override string ToString() => $"'{Convert.ToHexStringLower(Id)}'{(Slot is null ? "" : $" in slot {Slot}")}{(Module is null ? "" : $" of module '{Module}'")}";
}

public interface ITokens
{
    /// <summary>The private key; null and a sentence why not. A PIN that is null is one that nobody knows.</summary>
    TokenKey? Key(TokenObject what, string? pin, out string reason);

    /// <summary>A certificate in DER; null and a sentence why not.</summary>
    byte[]? Certificate(TokenObject what, out string reason);
}

/// <summary>A daemon without tokens.</summary>
public sealed class NoTokens : ITokens
{
    const string Reason = "no PKCS#11 module is loaded; 'charon.plugins.pkcs11.modules' in strongswan.conf names them";

    public static readonly NoTokens Instance = new();

    public TokenKey? Key(TokenObject what, string? pin, out string reason)
    {
        reason = Reason;
        return null;
    }

    public byte[]? Certificate(TokenObject what, out string reason)
    {
        reason = Reason;
        return null;
    }
}
