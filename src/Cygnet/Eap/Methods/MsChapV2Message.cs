// The packets of EAP-MSCHAPv2. draft-kamath-pppext-eap-mschapv2 2.
using System.Globalization;
using System.Text;
using Cygnet.Wire;

namespace Cygnet.Eap.Methods;

/// <summary>
/// OpCode, MS-CHAPv2-ID, MS-Length, then what belongs to the code. MS-Length only repeats the length of the packet; some peers get it wrong,
/// and nothing is read by it.
/// </summary>
readonly record struct MsChapV2Message(byte OpCode, byte Id, byte[] Body)
{
    public const byte Challenge = 1, Response = 2, Success = 3, Failure = 4, ChangePassword = 7;

    const int HeaderBytes = 4, ReservedBytes = 8;

    /// <summary>Null if there is not even a code. Responses that end the conversation are the code alone.</summary>
    public static MsChapV2Message? Read(EapPacket packet)
    {
        var r = new WireReader(packet.Data.Span);
        var code = r.U8();
        if (r.Failed) return null;
        if (r.AtEnd) return new(code, 0, []);
        var id = r.U8();
        r.U16();
        return r.Failed ? null : new(code, id, r.Rest().ToArray());
    }

    public byte[] ToData()
    {
        var w = new WireWriter(HeaderBytes + Body.Length);
        w.U8(OpCode);
        w.U8(Id);
        w.U16((ushort)(HeaderBytes + Body.Length));
        w.Bytes(Body);
        return w.ToArray();
    }

    public static string OpCodeName(byte code) => code switch
    {
        Challenge => "CHALLENGE",
        Response => "RESPONSE",
        Success => "SUCCESS",
        Failure => "FAILURE",
        ChangePassword => "CHANGE_PASSWORD",
        _ => $"({code})",
    };

    /// <summary>The challenge of a Challenge request; the server's name stands behind it.</summary>
    public byte[]? ReadChallenge()
    {
        var r = new WireReader(Body);
        if (r.U8() != MsChapV2.ChallengeBytes) return null;
        var challenge = r.Bytes(MsChapV2.ChallengeBytes);
        return r.Failed ? null : challenge.ToArray();
    }

    public static byte[] ChallengeBody(byte[] challenge, ReadOnlySpan<byte> name) => [(byte)challenge.Length, .. challenge, .. name];

    /// <summary>A Response: the peer's challenge, the NT-Response, the user's name.</summary>
    public (byte[] PeerChallenge, byte[] NtResponse, byte[] Name)? ReadResponse()
    {
        var r = new WireReader(Body);
        var size = r.U8();
        var peerChallenge = r.Bytes(MsChapV2.ChallengeBytes);
        r.Skip(ReservedBytes);
        var ntResponse = r.Bytes(MsChapV2.NtResponseBytes);
        r.Skip(1);
        return r.Failed || size != ResponseBytes ? null : (peerChallenge.ToArray(), ntResponse.ToArray(), r.Rest().ToArray());
    }

    const int ResponseBytes = MsChapV2.ChallengeBytes + ReservedBytes + MsChapV2.NtResponseBytes + 1;

    public static byte[] ResponseBody(byte[] peerChallenge, byte[] ntResponse, ReadOnlySpan<byte> name) =>
        [ResponseBytes, .. peerChallenge, .. new byte[ReservedBytes], .. ntResponse, 0, .. name];

    /// <summary>The fields <c>K=value</c> of a Success or Failure request. <c>M</c>, the message, is the rest of the text. RFC 2759 5 and 6.</summary>
    public Dictionary<char, string> Fields()
    {
        Dictionary<char, string> fields = [];
        // Latin-1 keeps every byte; it is printed only through a filter.
        var text = Encoding.Latin1.GetString(Body);
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf(' ', at);
            if (end < 0) end = text.Length;
            if (end - at >= 2 && text[at + 1] == '=')
            {
                if (text[at] == 'M') end = text.Length;
                fields.TryAdd(text[at], text[(at + 2)..end]);
            }
            at = end + 1;
        }
        return fields;
    }

    public static byte[]? Hex(string text, int bytes)
    {
        var value = new byte[bytes];
        return text.Length == 2 * bytes && Convert.FromHexString(text, value, out _, out _) == System.Buffers.OperationStatus.Done ? value : null;
    }

    /// <summary>RFC 2759 6.</summary>
    public static string ErrorName(string code) => int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number switch
    {
        646 => "ERROR_RESTRICTED_LOGON_HOURS",
        647 => "ERROR_ACCT_DISABLED",
        648 => "ERROR_PASSWD_EXPIRED",
        649 => "ERROR_NO_DIALIN_PERMISSION",
        691 => "ERROR_AUTHENTICATION_FAILURE",
        709 => "ERROR_CHANGING_PASSWORD",
        _ => string.Create(CultureInfo.InvariantCulture, $"({number})"),
    } : "(0)";
}
