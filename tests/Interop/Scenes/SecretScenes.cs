// Secrets and private keys as an operator handles them: passphrases typed on a terminal, files that change, containers.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class SecretScenes
{
    const string Passphrase = "quite a secret";

    [Fact]
    public void A_passphrase_is_asked_for_on_the_terminal_and_a_reread_forgets_what_is_gone()
    {
        using var pair = new Pair("secrets-prompt", Subject.Product, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "rsa" }.Write(pair);
            var encrypted = Path.Combine(pair.Moon.Host.Folder, "encrypted.key");
            Command.Run("openssl", "rsa", "-in", TestPki.PathOf("moon-rsa.key"), "-aes128", "-traditional", "-passout", $"pass:{Passphrase}", "-out", encrypted).ShouldSucceed();
            pair.Moon.Write("ipsec.d/private/encrypted.key", File.ReadAllText(encrypted));
            pair.Moon.Write("ipsec.secrets", ": RSA encrypted.key %prompt\n");
            pair.Start();

            // At the start there is nobody to ask.
            pair.Moon.Up("net-net").ShouldSay("no private key found for 'moon.cygnet.test'");
            var shown = pair.Moon.Converse("ipsec rereadsecrets", "not this", Passphrase).ShouldSucceed();
            shown.ShouldSay("/ipsec.d/private/encrypted.key' is encrypted.\nPassphrase: \nPassphrase invalid!\nPrivate key '", "encrypted.key' is encrypted.\nPassphrase: \n");
            Assert.DoesNotContain(Passphrase, shown.Output);
            pair.Moon.ShouldHaveLogged("rereading secrets");
            pair.Moon.ShouldHaveLogged("  loaded RSA private key from '");
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Moon.Down("net-net").ShouldSucceed();

            // Three wrong ones, and the key that was there is gone: what was read last is what counts.
            pair.Moon.Converse("ipsec rereadsecrets", "a", "b", "c").ShouldSucceed().ShouldSay("Passphrase invalid, giving up.\n");
            pair.Moon.Up("net-net").ShouldSay("no private key found for 'moon.cygnet.test'");
            pair.Moon.Converse("ipsec secrets", Passphrase).ShouldSucceed();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Down("net-net").ShouldSucceed();
            pair.Moon.Write("ipsec.secrets", "# nothing\n");
            Assert.Equal("", pair.Moon.Host.Run("ipsec", "rereadsecrets").ShouldSucceed().Text);
            pair.Moon.Up("net-net").ShouldSay("no private key found for 'moon.cygnet.test'");
            // The peer waits for the rest of what was begun.
            pair.Moon.ShouldBeClean();
        });
    }

    // The reference keeps what stands before a wrong line, and loses what stands behind it.
    [Fact]
    public void A_wrong_line_leaves_the_secrets_that_were_there()
    {
        using var pair = new Pair("secrets-wrong", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup().Write(pair);
            pair.Start();
            pair.Moon.Write("ipsec.secrets", "@moon.cygnet.test : PKS \"typo\"\n: PSK \"another\n");
            pair.Moon.Host.Run("ipsec", "rereadsecrets").ShouldSucceed().ShouldSay("line 1: token must be either RSA, ECDSA, PKCS8, P12, PIN, PSK, EAP, XAUTH or NTLM\n",
                "ipsec.secrets:1:21: 'PKS': expected RSA, ECDSA, PKCS8, P12, PIN, PSK, EAP, XAUTH or NTLM; did you mean 'PSK'?\n", "line 2: malformed secret: missing second delimiter\n",
                "the secrets that were loaded before stay\n");
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Down("net-net").ShouldSucceed();

            // A good file is taken as a whole; swanctl sees nothing of it, and what swanctl brings stays.
            pair.Moon.Write("swanctl/swanctl.conf", $"secrets {{\n ike-x {{\n id = elsewhere\n secret = x\n }}\n}}\n");
            pair.Moon.Host.Run("swanctl", "--load-creds", "--file", pair.Moon.PathOf("swanctl/swanctl.conf")).ShouldSucceed().ShouldSay("loaded ike secret 'ike-x'");
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Down("net-net").ShouldSucceed();
            pair.Moon.Write("ipsec.secrets", ": PSK \"another\"\n");
            pair.Moon.Host.Run("ipsec", "rereadsecrets").ShouldSucceed();
            pair.Moon.ShouldHaveLogged("  loaded IKE secret for %any");
            pair.Moon.Up("net-net").ShouldSay("received AUTHENTICATION_FAILED notify error");
            pair.ShouldBeClean();

            // The starter notices that what it remembers is not what the daemon has.
            new Setup().Write(pair);
            pair.Moon.Host.Run("ipsec", "update").ShouldSucceed();
            Wait.Until("the first secret is back", () => pair.Moon.Up("net-net").Output.Contains("connection 'net-net' established successfully"));
            pair.Moon.Down("net-net").ShouldSucceed();
            pair.ShouldBeClean();
        });
    }

    [Fact]
    public void A_container_holds_all_that_a_gateway_needs()
    {
        using var pair = new Pair("secrets-container", Product.Cygnet, Product.StrongSwan);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "rsa", Moon = ["leftcert="] }.Write(pair);
            var container = Path.Combine(pair.Moon.Host.Folder, "moon.p12");
            Command.Run("openssl", "pkcs12", "-export", "-inkey", TestPki.PathOf("moon-rsa.key"), "-in", TestPki.PathOf("moon-rsa.pem"), "-certfile", TestPki.PathOf("ca.pem"),
                "-passout", $"pass:{Passphrase}", "-out", container).ShouldSucceed();
            pair.Moon.Host.Shell($"rm {pair.Moon.PathOf("ipsec.d/cacerts/ca.pem")} && cp {container} {pair.Moon.PathOf("ipsec.d/private/moon.p12")}").ShouldSucceed();
            pair.Moon.Write("ipsec.conf", File.ReadAllText(pair.Moon.PathOf("ipsec.conf")).Replace("\tleftcert=\n", "\tleftauth=pubkey\n\trightauth=pubkey\n"));
            pair.Moon.Write("ipsec.secrets", $": P12 moon.p12 \"{Passphrase}\"\n");
            pair.Start();
            pair.Moon.ShouldHaveLogged("  loaded RSA private key from '");
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Moon.Down("net-net").ShouldSucceed();
            pair.ShouldBeClean();
        });
    }
}
