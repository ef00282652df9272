// What does not fit is refused, by either side, with the lines that scripts and people know.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class RefusalScenes
{
    /// <summary>Whether Cygnet initiates or responds; the other end is strongSwan.</summary>
    public static readonly TheoryData<bool> Roles = [true, false];

    [Theory, MemberData(nameof(Roles))]
    public void A_wrong_shared_key(bool isInitiator) => Refused("psk", isInitiator, new() { MoonSecret = "not the secret" },
        says: ["parsed IKE_AUTH response 1 [ N(AUTH_FAILED) ]", "received AUTHENTICATION_FAILED notify error"],
        logs: ["tried 1 shared key for 'sun.cygnet.test' - 'moon.cygnet.test', but MAC mismatched", "generating IKE_AUTH response 1 [ N(AUTH_FAILED) ]"],
        asked: ["net-net: ", "the peer refused: authentication", "or could not authenticate us", "to change it: compare 'leftid=', 'rightid=' and the secret"],
        answered: ["we refused: authentication", "the secret for 'sun.cygnet.test' and 'moon.cygnet.test' in ipsec.secrets is not the peer's", "to change it: the secret must be the same on both ends"]);

    [Theory, MemberData(nameof(Roles))]
    public void An_unknown_identity(bool isInitiator) => Refused("id", isInitiator, new() { Moon = ["leftid=@stranger"] },
        says: ["authentication of 'stranger' (myself) with pre-shared key", "received AUTHENTICATION_FAILED notify error"],
        logs: ["looking for peer configs matching 192.168.0.2[sun.cygnet.test]...192.168.0.1[stranger]", "no matching peer config found"],
        asked: ["the peer refused: authentication", "the peer has no connection for us as 'stranger'"],
        answered: ["we refused: identities", "no connection is for 'stranger' (and 'sun.cygnet.test')", "'net-net' is for 'moon.cygnet.test' (and 'sun.cygnet.test')", "to change it: 'rightid=stranger'"]);

    [Theory, MemberData(nameof(Roles))]
    public void No_common_IKE_proposal(bool isInitiator) => Refused("ike", isInitiator, new() { Moon = ["ike=aes256-sha512-ecp384!"] },
        says: ["parsed IKE_SA_INIT response 0 [ N(NO_PROP) ]", "received NO_PROPOSAL_CHOSEN notify error"],
        logs: ["received proposals: IKE:AES_CBC_256/HMAC_SHA2_512_256/PRF_HMAC_SHA2_512/ECP_384",
            "configured proposals: IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/CURVE_25519", "received proposals unacceptable"],
        asked: ["the peer refused: IKE proposals", "offered: IKE:AES_CBC_256/HMAC_SHA2_512_256/PRF_HMAC_SHA2_512/ECP_384", "to change it: compare 'ike=' on both ends"],
        answered: ["we refused: IKE proposals", "their proposal 1 fails on the encryption: offered aes256, we allow aes128;", "and on the key exchange: offered ecp384, we allow curve25519", "to change it: 'ike=aes256-sha512-ecp384' would accept it"]);

    [Theory, MemberData(nameof(Roles))]
    public void No_common_ESP_proposal(bool isInitiator) => Refused("esp", isInitiator, new() { Moon = ["esp=aes256-sha256!"] }, keepsIke: true,
        says: ["received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built", "failed to establish CHILD_SA, keeping IKE_SA"],
        logs: ["received proposals: ESP:AES_CBC_256/HMAC_SHA2_256_128/NO_EXT_SEQ", "no acceptable proposal found", "failed to establish CHILD_SA, keeping IKE_SA"],
        asked: ["the peer refused: ESP proposals", "offered: ESP:AES_CBC_256/HMAC_SHA2_256_128/NO_EXT_SEQ", "to change it: compare 'esp=' on both ends"],
        answered: ["we refused: ESP proposals", "offered aes256, we allow aes128gcm16", "to change it: 'esp=aes256-sha256' would accept it"]);

    [Theory, MemberData(nameof(Roles))]
    public void Traffic_selectors_that_do_not_meet(bool isInitiator) => Refused("ts", isInitiator, new() { Moon = ["rightsubnet=10.99.0.0/24"] }, keepsIke: true,
        says: ["received TS_UNACCEPTABLE notify, no CHILD_SA built", "failed to establish CHILD_SA, keeping IKE_SA"],
        logs: ["traffic selectors 10.99.0.0/24 === 10.1.0.0/24 unacceptable", "failed to establish CHILD_SA, keeping IKE_SA"],
        asked: ["the peer refused: traffic selectors", "offered: 10.1.0.0/24 === 10.99.0.0/24", "to change it: compare 'leftsubnet=' here with 'rightsubnet=' there"],
        answered: ["we refused: traffic selectors", "the peer offers 10.99.0.0/24 === 10.1.0.0/24", "'net-net' allows 10.2.0.0/24 === 10.1.0.0/24", "to change it: 'leftsubnet=10.99.0.0/24' in 'net-net' would accept it"]);

    [Theory, MemberData(nameof(Roles))]
    public void A_certificate_of_nobody_we_trust(bool isInitiator) => Refused("trust", isInitiator, new() { Auth = "rsa" },
        arrange: pair => pair.Sun.Write("ipsec.d/cacerts/ca.pem", ""),
        says: ["received AUTHENTICATION_FAILED notify error"],
        logs: ["no trusted RSA public key found for 'moon.cygnet.test'"],
        asked: ["the peer refused: authentication", "to change it: compare 'leftid=', 'rightid=' and the secret or certificate on both ends"],
        answered: ["we refused: authentication", "no trusted RSA public key found for 'moon.cygnet.test'", "to change it: the CA that signed the peer's certificate belongs into ipsec.d/cacerts"]);

    // moon initiates and is refused; sun logs why. What `ipsec why` says of it where Cygnet asked, and where it answered.
    static void Refused(string scene, bool isInitiator, Setup setup, string[] says, string[] logs,
        string[] asked, string[] answered, bool keepsIke = false, Action<Pair>? arrange = null)
    {
        using var pair = new Pair($"refused-{scene}-{(isInitiator ? "initiates" : "responds")}",
            isInitiator ? Subject.Product : Product.StrongSwan, isInitiator ? Product.StrongSwan : Subject.Product);
        pair.Bed.Play(() =>
        {
            setup.Write(pair);
            arrange?.Invoke(pair);
            pair.Start();

            var up = pair.Moon.Up("net-net").ShouldSucceed();
            up.ShouldSay(says).ShouldSay("establishing connection 'net-net' failed");
            foreach (var line in logs)
                pair.Sun.ShouldHaveLogged(line);
            Wait.Until("both agree on what is left", () => (pair.Moon.Sas(), pair.Sun.Sas()) is var (moon, sun)
                && moon.Children.Count == 0 && sun.Children.Count == 0 && moon.Ike.Count == (keepsIke ? 1 : 0) && sun.Ike.Count == moon.Ike.Count);
            (isInitiator ? pair.Moon : pair.Sun).Host.Run("ipsec", "why").ShouldSay(isInitiator ? asked : answered);
            if (keepsIke)
                pair.Moon.Down("net-net").ShouldSay("closed successfully");
            pair.ShouldBeClean();
        });
    }
}
