// How strongly an algorithm is required or discouraged. RFC 8221 (ESP, AH), RFC 8247 (IKEv2).
namespace Cygnet.Crypto;

/// <summary>The words of RFC 8221 and RFC 8247 for an algorithm's status.</summary>
public enum Requirement { May, Must, MustMinus, ShouldPlus, Should, ShouldNot, MustNot }
