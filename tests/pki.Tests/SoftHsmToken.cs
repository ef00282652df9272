// A token in software for pki: an RSA key and an elliptic one under ids of their own, the first with its certificate.
using Cygnet.Linux.Tests;

namespace Cygnet.PkiTool.Tests;

public sealed class SoftHsmToken : SoftHsm
{
    public const string RsaId = "50", EcdsaId = "51";

    public SoftHsmToken()
    {
        if (WhyNot is not null) return;
        Token("pki");
        Key("pki", RsaId, "RSA -pkeyopt rsa_keygen_bits:2048");
        Key("pki", EcdsaId, "EC -pkeyopt ec_paramgen_curve:P-256");
        Certificate("pki", RsaId, "/C=CH/CN=card");
    }

    /// <summary>What strongswan.conf has to say.</summary>
    public static string Conf(string section) => $"{section} {{\n plugins {{\n pkcs11 {{\n modules {{\n soft {{\n path = {Library}\n }}\n }}\n }}\n }}\n}}\n";
}
