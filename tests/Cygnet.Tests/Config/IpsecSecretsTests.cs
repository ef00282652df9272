// ipsec.secrets. ipsec.secrets(5).
using System.Text;
using Cygnet.Config;

namespace Cygnet.Tests.Config;

public sealed class IpsecSecretsTests
{
    const string Path = "/etc/ipsec.secrets";

    static IpsecSecrets Parse(string text) => IpsecSecrets.Parse(Path, MemoryFiles.With(Path, text));

    static string Hex(string line) => Convert.ToHexStringLower(Assert.Single(Parse(line).Secrets).Value);

    [Theory]
    [InlineData(": PSK \"a b\\n'\"", "6120625c6e27")]
    [InlineData(": PSK 'a\"b'", "612262")]
    [InlineData(": PSK 0x0102fF", "0102ff")]
    [InlineData(": PSK 0X123", "0123")]
    [InlineData(": PSK 0sAQID", "010203")]
    [InlineData(": PSK 0SAQI", "0102")]
    [InlineData(": PSK plain#word # comment", "706c61696e23776f7264")]
    [InlineData("  : PSK   \tx", "78")]
    [InlineData("a : PSK x\r\n", "78")]
    [InlineData(": PSK 0x", "3078")]
    [InlineData(": PSK \"\"", "")]
    [InlineData(": PSK \"é\"", "c3a9")]
    public void Secrets_are_bytes(string line, string hex) => Assert.Equal(hex, Hex(line));

    [Theory]
    [InlineData(": PSK x", new string[0])]
    [InlineData("@moon @sun : PSK x", new[] { "@moon", "@sun" })]
    [InlineData("  192.0.2.1\t%any : PSK x", new[] { "192.0.2.1", "%any" })]
    [InlineData("\"C=CH, O=x\" 'C=CH, O=y' : PSK x", new[] { "C=CH, O=x", "C=CH, O=y" })]
    [InlineData("fec0::1 : PSK x", new[] { "fec0::1" })]
    [InlineData("müller@example.org : PSK x", new[] { "müller@example.org" })]
    public void Selectors_are_words(string line, string[] selectors) => Assert.Equal(selectors, Assert.Single(Parse(line).Secrets).Selectors);

    [Fact]
    public void Keys_have_files_and_passphrases()
    {
        var secrets = Parse(": RSA moon.pem\n: ECDSA \"my key.pem\" \"pass phrase\"\n: PKCS8 k.der one two\n: RSA x.pem %prompt\n: RSA y.pem # none\n").Secrets;
        Assert.Equal([SecretKind.Rsa, SecretKind.Ecdsa, SecretKind.Pkcs8, SecretKind.Rsa, SecretKind.Rsa], secrets.Select(s => s.Kind));
        Assert.Equal(["moon.pem", "my key.pem", "k.der", "x.pem", "y.pem"], secrets.Select(s => s.File));
        Assert.Equal(["", "pass phrase", "one,two", "", ""], secrets.Select(s => string.Join(',', s.Passphrases.Select(Encoding.UTF8.GetString))));
        Assert.Equal([false, false, false, true, false], secrets.Select(s => s.AsksForPassphrase));
        Assert.Equal(new Position(Path, 3, 1), secrets[2].At);
    }

    [Theory]
    [InlineData("%smartcard1@lib:5501 1234", "%smartcard1@lib:5501", "1234")]
    [InlineData("%smartcard2:50 '12 34'", "%smartcard2:50", "12 34")]
    [InlineData("%smartcard:50 %prompt", "%smartcard:50", null)]
    public void Pins_belong_to_keys_on_tokens(string line, string name, string? pin)
    {
        var parsed = Parse($": PIN {line}\n");
        Assert.Empty(parsed.Errors);
        var secret = Assert.Single(parsed.Secrets);
        Assert.Equal((SecretKind.Pin, name, pin is null), (secret.Kind, secret.File, secret.AsksForPassphrase));
        if (pin is not null) Assert.Equal(pin, Encoding.UTF8.GetString(Assert.Single(secret.Passphrases)));
    }

    [Theory]
    [InlineData("%smartcard:50", null, null, "50")]
    [InlineData("%smartcard7:aB", 7L, null, "aB")]
    [InlineData("%smartcard0@my lib:50", 0L, "my lib", "50")]
    public void Smartcards_have_slot_module_and_key(string word, long? slot, string? module, string id) => Assert.Equal(new SmartcardName(slot, module, id), SmartcardName.Parse(word));

    [Theory]
    [InlineData("%smartcard")]
    [InlineData("%smartcard:")]
    [InlineData("%smartcard:xy")]
    [InlineData("%smartcard@lib:50")]
    [InlineData("%smartcard1@:50")]
    [InlineData("%smartcard-1:50")]
    [InlineData("%smartcard99999999999999999999:50")]
    [InlineData("smartcard:50")]
    public void What_is_no_smartcard_is_refused(string word) => Assert.Null(SmartcardName.Parse(word));

    [Theory]
    [InlineData("carol : EAP \"x\"", SecretKind.Eap)]
    [InlineData("carol : XAUTH 'x'", SecretKind.XAuth)]
    [InlineData("carol : NTLM 0x78", SecretKind.Ntlm)]
    public void Passwords_of_users_are_shared_secrets(string line, SecretKind kind)
    {
        var parsed = Parse(line);
        Assert.Empty(parsed.Errors);
        var secret = Assert.Single(parsed.Secrets);
        Assert.Equal(kind, secret.Kind);
        Assert.Equal("x"u8.ToArray(), secret.Value);
    }

    [Theory]
    [InlineData("@moon\t:\tPSK x", "missing ' : ' separator", 1)]
    [InlineData("@moon PSK x", "missing ' : ' separator", 1)]
    [InlineData("@moon : ", "missing token", 9)]
    [InlineData("@moon : PSk x", "token must be either RSA, ECDSA, PKCS8, P12, PIN, PSK, EAP, XAUTH or NTLM", 9)]
    [InlineData("@moon : psk x", "token must be either RSA, ECDSA, PKCS8, P12, PIN, PSK, EAP, XAUTH or NTLM", 9)]
    [InlineData(": PSK", "missing secret", 6)]
    [InlineData(": PSK \"abc", "malformed secret: missing second delimiter", 7)]
    [InlineData(": PSK 0xyz", "malformed secret: invalid hex digit", 7)]
    [InlineData(": RSA ", "empty filename", 7)]
    [InlineData(": RSA \"x", "missing second delimiter", 7)]
    [InlineData(": RSA x \"y", "malformed passphrase: missing second delimiter", 9)]
    [InlineData(": PIN x", "expected %smartcard specifier", 7)]
    [InlineData(": PIN %smartcard1 x", "the given %smartcard specifier is not supported or invalid", 7)]
    [InlineData(": PIN %smartcard:50", "expected PIN", 20)]
    [InlineData(": PIN %smartcard:50 \"x", "malformed PIN: missing second delimiter", 21)]
    public void An_error_ends_the_file_and_keeps_what_was_read(string line, string reference, int column)
    {
        var parsed = Parse($": PSK first\n\n# comment\n{line}\n: PSK lost\n");
        Assert.Equal("first", Encoding.UTF8.GetString(Assert.Single(parsed.Secrets).Value));
        var error = Assert.Single(parsed.Errors);
        Assert.Equal($"line 4: {reference}", error.Reference);
        Assert.Equal(new Position(Path, 4, column), error.At);
        Assert.NotNull(error.Detail);
    }

    [Fact]
    public void All_errors_of_a_file_are_listed_and_nothing_behind_the_first_is_kept()
    {
        var parsed = Parse(": PSK one\n: FOO x\n: PSK two\ninclude none\n: PSK 'x\n");
        Assert.Single(parsed.Secrets);
        Assert.Equal(["line 2: token must be either RSA, ECDSA, PKCS8, P12, PIN, PSK, EAP, XAUTH or NTLM", "line 5: malformed secret: missing second delimiter"], parsed.Errors.Select(e => e.Reference));
        // What is no such file at all is not listed line by line.
        Assert.Equal(20, Parse(string.Concat(Enumerable.Repeat("rubbish\n", 500))).Errors.Count);
    }

    [Fact]
    public void A_complaint_does_not_repeat_the_secret() =>
        Assert.DoesNotContain("hunter2", string.Join('\n', Parse(": PSK \"hunter2\n").Errors.SelectMany(e => e.Lines)));

    [Fact]
    public void Includes_are_read_in_place_with_their_own_errors()
    {
        var files = MemoryFiles.With(Path, ": PSK one\ninclude sub/*.secrets rest is ignored\ninclude none\n: PSK four\n");
        files["/etc/sub/a.secrets"] = ": PSK two\nwrong\n: PSK lost\n";
        files["/etc/sub/b.secrets"] = ": PSK three";
        var parsed = IpsecSecrets.Parse(Path, files);
        Assert.Equal(["one", "two", "three", "four"], parsed.Secrets.Select(s => Encoding.UTF8.GetString(s.Value)));
        Assert.Equal(["line 2: missing ' : ' separator", "expanding file expression '/etc/none' failed"], parsed.Errors.Select(e => e.Reference));
    }

    [Fact]
    public void Includes_end_at_ten_levels()
    {
        var parsed = Parse(": PSK x\ninclude ipsec.secrets\n");
        Assert.Equal(11, parsed.Secrets.Count);
        Assert.Equal("maximum level of 10 includes reached, ignored", Assert.Single(parsed.Errors).Reference);
    }

    [Fact]
    public void A_missing_file_is_told_apart_from_an_empty_one()
    {
        Assert.True(IpsecSecrets.Parse(Path, new MemoryFiles()).IsMissing);
        Assert.False(Parse("").IsMissing);
    }
}
