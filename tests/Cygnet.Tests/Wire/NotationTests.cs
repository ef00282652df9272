// The notation of messages against lines that strongSwan printed.
using Cygnet.Crypto;
using Cygnet.Wire;

namespace Cygnet.Tests.Wire;

public sealed class NotationTests
{
    [Theory]
    [InlineData("IKE_SA_INIT request 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) N(FRAG_SUP) N(HASH_ALG) N(REDIR_SUP) ]")]
    [InlineData("IKE_SA_INIT response 0 [ SA KE No N(NATD_S_IP) N(NATD_D_IP) CERTREQ N(FRAG_SUP) N(HASH_ALG) N(CHDLESS_SUP) N(MULT_AUTH) ]")]
    [InlineData("IKE_AUTH request 1 [ IDi N(INIT_CONTACT) CERTREQ IDr AUTH SA TSi TSr N(MULT_AUTH) N(EAP_ONLY) N(MSG_ID_SYN_SUP) ]")]
    [InlineData("IKE_AUTH response 1 [ IDr AUTH SA TSi TSr ]")]
    [InlineData("IKE_AUTH request 1 [ IDi CERT CERT N(INIT_CONTACT) CERTREQ IDr AUTH SA TSi TSr N(MULT_AUTH) N(EAP_ONLY) N(MSG_ID_SYN_SUP) ]")]
    [InlineData("IKE_AUTH response 1 [ IDr CERT AUTH SA TSi TSr N(AUTH_LFT) N(MOBIKE_SUP) N(NO_ADD_ADDR) ]")]
    [InlineData("IKE_AUTH response 1 [ N(AUTH_FAILED) ]")]
    [InlineData("IKE_AUTH response 1 [ IDr AUTH N(TS_UNACCEPT) ]")]
    [InlineData("CREATE_CHILD_SA request 7 [ N(REKEY_SA) SA No KE TSi TSr ]")]
    [InlineData("INFORMATIONAL request 2 [ D ]")]
    [InlineData("INFORMATIONAL response 2 [ ]")]
    [InlineData("IKE_AUTH request 1 [ IDi CPRQ(ADDR DNS) SA TSi TSr ]")]
    [InlineData("IKE_AUTH response 2 [ EAP/REQ/MD5 ]")]
    [InlineData("IKE_AUTH request 2 [ EAP/RES/ID ]")]
    [InlineData("IKE_AUTH response 4 [ EAP/SUCC ]")]
    [InlineData("INFORMATIONAL request 9 [ N((12345)) (200) ]")]
    public void LinesOfTheReferenceComeBack(string line)
    {
        var words = line.Split(' ');
        var flags = words[1] == "response" ? HeaderFlags.Response : HeaderFlags.Initiator;
        var exchange = Enum.GetValues<ExchangeType>().Single(e => Notation.Name(e) == words[0]);
        var inner = line[(line.IndexOf('[') + 2)..].Replace("CPRQ(ADDR DNS)", "CPRQ").TrimEnd(']').Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var datagram = Message.EncodePlain(new(1, 2, exchange, flags, uint.Parse(words[2])), [.. inner.Select(Payload)]);
        Assert.True(Message.TryParse(datagram, out var message).IsOk);
        Assert.Equal(line, message.ToString());
    }

    static Payload Payload(string word) => word switch
    {
        "IDi" => new IdPayload(PayloadType.IdInitiator, 2, [65]),
        "IDr" => new IdPayload(PayloadType.IdResponder, 2, [65]),
        "No" => new NoncePayload(new byte[32]),
        "D" => new DeletePayload(SecurityProtocol.Ike, []),
        "CPRQ" => new ConfigurationPayload(ConfigurationPayload.Request, [new(1, []), new(3, [])]),
        "EAP/REQ/MD5" => new EapPayload([1, 1, 0, 6, 4, 0]),
        "EAP/RES/ID" => new EapPayload([2, 1, 0, 6, 1, 65]),
        "EAP/SUCC" => new EapPayload([3, 1, 0, 4]),
        "(200)" => new UnknownPayload(200, []),
        "N((12345))" => new NotifyPayload((NotifyType)12345),
        ['N', '(', ..] => new NotifyPayload(Enum.GetValues<NotifyType>().Single(n => NotifyNames.Short(n) == word[2..^1])),
        _ => Samples.All.Single(p => p.Type.ToString().Equals(word switch { "TSi" => "TsInitiator", "TSr" => "TsResponder", _ => word }, StringComparison.OrdinalIgnoreCase)),
    };

    [Fact]
    public void FragmentsShowNumberAndTotal() =>
        Assert.Equal("IKE_AUTH request 1 [ EF(1/3) ]", Notation.Describe(Samples.Header, new EncryptedBody(36, 100, PayloadType.IdInitiator, 1, 3)));

    [Fact]
    public void EveryNotifyHasItsOwnShortName()
    {
        var names = Enum.GetValues<NotifyType>().Select(NotifyNames.Short).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.DoesNotContain(names, n => n.StartsWith('('));
    }

    [Theory]
    [InlineData(NotifyType.NoProposalChosen, "NO_PROPOSAL_CHOSEN")]
    [InlineData(NotifyType.AuthenticationFailed, "AUTHENTICATION_FAILED")]
    [InlineData(NotifyType.TsUnacceptable, "TS_UNACCEPTABLE")]
    [InlineData(NotifyType.InvalidKePayload, "INVALID_KE_PAYLOAD")]
    [InlineData(NotifyType.InvalidIkeSpi, "INVALID_IKE_SPI")]
    [InlineData(NotifyType.AdditionalIp4Address, "ADDITIONAL_IP4_ADDRESS")]
    [InlineData((NotifyType)9999, "(9999)")]
    public void LongNamesAreThoseOfTheRegistry(NotifyType type, string expected) => Assert.Equal(expected, NotifyNames.Long(type));
}
