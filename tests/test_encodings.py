"""Text in an older encoding: its letters come out right and the encoding is named, or a sentence
asks for it."""

import json

import pytest

from core.articles.formats.encoding_guess import guess_encodings
from core.articles.formats.rows import read_rows
from core.articles.importing import check_source, preview_source
from core.articles.options import ReadingOptions
from core.articles.read import read_articles
from core.base.errors import DataError
from core.commands.main import main

LONG = {
    "de": "Ein Überblick über Größen – für Anfänger",
    "fr": "Où est le café? Les élèves français naïfs",
    "es": "Cómo configurar una base de datos en el año próximo",
    "en": "It’s a test – don’t worry: “Müller” said so",
    "pl": "Zażółć gęślą jaźń. Jak zbudować wydajną bazę danych w języku Python",
    "cs": "Příliš žluťoučký kůň. Jak rychle nastavit databázi",
    "hu": "Árvíztűrő tükörfúrógép: adatbázis kezelés",
    "ru": "Как настроить базу данных PostgreSQL для больших нагрузок",
    "uk": "Як налаштувати базу даних із великим навантаженням",
    "el": "Καλημέρα κόσμε: βάσεις δεδομένων",
    "tr": "Türkçe yazılım geliştirme için ipuçları: şöyle öğrenin",
    "ja": "データベースの索引の原理と実践。プログラミング入門",
    "ko": "데이터베이스 색인의 원리와 실제: 프로그래밍 입문",
    "tw": "資料庫索引的原理與實踐以及常見的誤區",
    "cn": "数据库索引的原理与实践以及常见的误区",
}
IN = [
    *((language, "utf-8") for language in LONG),
    *((language, "utf-8-sig") for language in ("de", "cn")),
    *((language, "utf-16") for language in ("de", "ru", "cn")),
    *((language, "utf-16-le") for language in ("de", "ru", "cn", "ja")),
    *((language, "utf-16-be") for language in ("de", "ru", "cn", "ja")),
    *((language, "cp1252") for language in ("de", "fr", "es", "en")),
    *((language, "mac_roman") for language in ("de", "fr")),
    *((language, "cp1250") for language in ("pl", "cs", "hu")),
    *((language, "iso8859_2") for language in ("pl", "cs", "hu")),
    *((language, "cp1251") for language in ("ru", "uk")),
    *(("ru", name) for name in ("koi8_r", "iso8859_5", "cp866", "mac_cyrillic")),
    *(("uk", "koi8_u"), ("el", "cp1253"), ("el", "iso8859_7"), ("tr", "cp1254")),
    *(("ja", name) for name in ("shift_jis", "euc_jp", "iso2022_jp")),
    *(("ko", name) for name in ("euc_kr", "iso2022_kr")),
    *(("tw", "big5"), ("cn", "gb18030"), ("cn", "gbk")),
]


def write(folder, text, encoding, name="a.csv"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(("language", "encoding"), IN)
def test_a_short_text_is_read_right_and_its_encoding_is_named(tmp_path, language, encoding):
    text = LONG[language]
    path = write(tmp_path, f"title,description,tags\n{text},{text},go\n", encoding)
    report = check_source(str(path))
    assert [row.cells["title"] for row in read_rows(path)] == [text]
    assert report.notes == preview_source(str(path)).notes
    if encoding.startswith("utf-8"):
        assert (report.encoding, report.notes) == ("utf-8", ())
    else:
        assert report.encoding in " ".join(report.notes)


SHORT = [
    *((LONG[language], "mac_roman") for language in ("en", "es")),
    *(("Größe", name) for name in ("cp1252", "mac_roman", "cp1250")),
    *(("Książka", name) for name in ("cp1250", "iso8859_2")),
    *(("Dvořák writes about databases", name) for name in ("cp1250", "iso8859_2")),
    *(("Erdős numbers explained", name) for name in ("cp1250", "iso8859_2")),
    *(("Привет", name) for name in ("cp1251", "koi8_r", "cp866")),
    *(("привет мир", name) for name in ("cp1251", "koi8_r", "cp866")),
    *(("東京", name) for name in ("shift_jis", "euc_jp", "big5")),
    *(("한국어", name) for name in ("euc_kr",)),
    *(("naïve", name) for name in ("cp1252", "mac_roman")),
    *(("שלום עולם", name) for name in ("cp1255",)),
    *(("并发", name) for name in ("gb18030",)),
]


@pytest.mark.parametrize(("text", "encoding"), SHORT)
def test_a_text_of_a_few_letters_is_read_right_or_a_sentence_asks(tmp_path, text, encoding):
    path = write(tmp_path, f"title,description,tags\n{text},D,go\n", encoding)
    try:
        found = [row.cells["title"] for row in read_rows(path)]
    except DataError as error:
        assert "(--encoding " in str(error)
        found = [row.cells["title"] for row in read_rows(path, encoding=encoding)]
    assert found == [text]


def test_a_doubt_names_what_it_may_be_and_how_to_say_it(tmp_path):
    path = write(tmp_path, "title,description,tags\n并发,D,go\n", "gb18030")
    with pytest.raises(DataError) as caught:
        check_source(str(path))
    assert str(caught.value) == (
        "a.csv is not UTF-8 text, and its encoding cannot be detected. It may be "
        "gb18030 or big5 or euc_jp. Name its encoding (--encoding gb18030), or save it as UTF-8."
    )


def test_damaged_utf8_is_not_taken_for_another_encoding(tmp_path):
    lines = [f"Größe {n},Übersicht,go" for n in range(20)]
    content = ("title,description,tags\n" + "\n".join(lines)).encode()
    path = tmp_path / "a.csv"
    path.write_bytes(content.replace("Größe 9".encode(), b"Gr\xf6\xdfe 9"))
    with pytest.raises(DataError, match=r"is UTF-8 text, but damaged in line 11\. Mend that line"):
        list(read_rows(path))
    path.write_bytes("title,description,tags\nGrößen,über alles in ö".encode()[:-1])
    with pytest.raises(DataError, match="is UTF-8 text, but damaged in line 2"):
        list(read_rows(path))


def test_one_letter_is_not_drowned_by_the_quotes_of_an_english_text(tmp_path):
    plain = "It’s what we’ve got – “really” … don’t you know, said the team’s best engineer"
    for word, encoding in [("Nuñez", "cp1252"), ("François", "cp1252"), ("Dvořák", "cp1250")]:
        text = f"{plain}\n" * 40 + word
        assert guess_encodings(text.encode(encoding)) == (encoding,)


def test_the_command_and_the_json_name_the_encoding(tmp_path, capsys):
    text = LONG["ru"]
    path = write(tmp_path, f"title,description,tags\n{text},{text},go\n", "koi8_r")
    assert main(["data", "check", str(path)]) == 0
    assert "The text was taken for koi8_r. If letters look wrong" in capsys.readouterr().out
    assert main(["data", "check", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["encoding"] == "koi8_r"
    assert main(["data", "import", str(path), "--name", "one", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["encoding"] == "koi8_r"


def test_an_encoding_that_is_named_comes_before_any_guess(tmp_path):
    path = write(tmp_path, "title,description,tags\nnaïve,D,go\n", "mac_roman")
    assert read_articles(path, ReadingOptions(encoding="mac_roman")).articles[0].title == "naïve"
    assert check_source(str(path), ReadingOptions(encoding="mac_roman")).notes == ()
